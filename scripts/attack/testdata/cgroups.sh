# Control groups.
mkdir -p /tmp/cg
mount -t cgroup -o pids x /tmp/cg && echo BROKEN cgroup
mount -t cgroup2 x /tmp/cg && echo BROKEN cgroup2
find /sys/fs/cgroup -name cgroup.procs -writable 2>/dev/null | grep . && echo BROKEN cgroup.procs
true
