# Namespaces in which a program would be root over again, and those outside.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
flags = {"user": 0x10000000, "pid": 0x20000000, "ipc": 0x08000000, "uts": 0x04000000, "cgroup": 0x02000000, "time": 0x80}
for name, flag in flags.items():
    if os.fork() == 0:
        if libc.unshare(flag) == 0:
            print("BROKEN unshare", name, flush=True)
        os._exit(0)
    os.wait()
    if name == "time":
        continue  # in clone() the bit is a part of the exit signal
    pid = libc.syscall(56 if os.uname().machine == "x86_64" else 220, flag | 17, 0, 0, 0, 0)  # clone
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
        print("BROKEN clone", name)
class clone_args(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in "flags pidfd child_tid parent_tid exit_signal stack stack_size tls".split()]
a = clone_args(flags=flags["user"], exit_signal=17)
pid = libc.syscall(435, ctypes.byref(a), ctypes.sizeof(a))  # clone3
if pid == 0:
    os._exit(0)
if pid > 0:
    print("BROKEN clone3")
own = {k: os.readlink("/proc/self/ns/" + k) for k in ("user", "mnt", "pid", "net")}
for p in os.listdir("/proc"):
    if not p.isdigit():
        continue
    for kind in ("user", "mnt", "pid", "ipc", "uts"):
        try:
            fd = os.open("/proc/%s/ns/%s" % (p, kind), os.O_RDONLY)
            if os.readlink("/proc/%s/ns/%s" % (p, kind)) != own.get(kind) and libc.setns(fd, 0) == 0:
                print("BROKEN setns", p, kind)
            os.close(fd)
        except OSError:
            pass
