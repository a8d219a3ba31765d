# The processes of nsl itself: traced, read, written, their descriptors taken.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
mine = os.getpid()
for name in os.listdir("/proc"):
    if not name.isdigit() or int(name) == mine:
        continue
    pid = int(name)
    try:
        comm = open("/proc/%d/comm" % pid).read().strip()
    except OSError:
        continue
    if not comm.startswith("nsl"):
        continue
    if libc.ptrace(0x4206, pid, 0, 0) == 0:  # PTRACE_SEIZE
        print("BROKEN ptrace", comm)
    for what in ("mem", "environ", "maps", "fd/0", "fd/1", "fd/3", "fd/4", "fd/5", "cwd", "root", "exe"):
        try:
            if what in ("cwd", "root", "exe") or what.startswith("fd"):
                print("BROKEN readlink", what, os.readlink("/proc/%d/%s" % (pid, what)))
            else:
                open("/proc/%d/%s" % (pid, what), "rb").close()
                print("BROKEN open", what)
        except OSError as e:
            print(what, e.strerror)
    fd = libc.syscall(434, pid, 0)  # pidfd_open
    if fd >= 0:
        for n in range(10):
            if libc.syscall(438, fd, n, 0) >= 0:  # pidfd_getfd
                print("BROKEN pidfd_getfd", n)
    buf = ctypes.create_string_buffer(8)
    class iovec(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]
    local, remote = iovec(ctypes.addressof(buf), 8), iovec(0x400000, 8)
    if libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) > 0:
        print("BROKEN process_vm_readv")
