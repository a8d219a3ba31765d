#!/bin/busybox sh
# The first program of the virtual machine of check-vm.sh, in its initramfs. It mounts an
# overlay in memory over the files of the host, which it cannot change. It uses
# switch_root(8) because user namespaces cannot be created inside a chroot.
bb=/bin/busybox
for module in /modules/*; do
  $bb insmod "$module" || echo "init: $module"
done
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
$bb mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose root /lower
$bb mount -t tmpfs -o mode=755 tmpfs /over
$bb mkdir /over/upper /over/work
$bb mount -t overlay -o lowerdir=/lower,upperdir=/over/upper,workdir=/over/work overlay /new
for dir in proc sys dev; do
  $bb mount --move /$dir /new/$dir
done
exec $bb switch_root /new /bin/bash "$STAGE/inside.sh"
