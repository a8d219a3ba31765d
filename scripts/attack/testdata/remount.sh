# The read-only system is made writable, itself or at another place.
exec 2>/dev/null
for d in / /usr /etc; do mount -o remount,rw $d; mount -o remount,rw,bind $d; done
mount -o remount,suid,dev,exec,bind /tmp && echo BROKEN flags
mkdir -p /tmp/a
mount --rbind /usr /tmp/a && mount -o remount,rw,bind /tmp/a
for d in / /usr /etc; do
  : > $d/nsl-attack && echo BROKEN $d
  case ,$(findmnt -no OPTIONS -T $d), in *,rw,*) echo BROKEN $d is rw ;; esac
done
[ -e /tmp/a/bin ] && : > /tmp/a/nsl-attack && echo BROKEN copy
true
