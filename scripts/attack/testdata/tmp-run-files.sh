# What is below the lab's own /tmp and /run is the machine's.
umount -l /tmp; umount -l /run
cat @TMP@/secret @RUN@/secret
echo hello > @TMP@/new; echo hello > @RUN@/new
