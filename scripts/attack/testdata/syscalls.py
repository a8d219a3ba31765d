# What no network tool needs, and many a kernel bug was reached through.
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
buf = ctypes.create_string_buffer(4096)
def try_it(name, amd64, arm64, *args):
    ctypes.set_errno(0)
    r = libc.syscall(amd64 if x86 else arm64, *args)
    e = ctypes.get_errno()
    print(name, r, os.strerror(e) if r < 0 else "")
    if r >= 0:
        print("BROKEN", name)
try_it("io_uring_setup", 425, 425, 4, buf)
try_it("userfaultfd", 323, 282, 1)
try_it("perf_event_open", 298, 241, buf, 0, -1, -1, 0)
try_it("bpf", 321, 280, 0, b"\x02\0\0\0\x04\0\0\0\x04\0\0\0\x01\0\0\0" + bytes(100), 72)
try_it("keyctl", 250, 219, 0, -3, 1)
try_it("add_key", 248, 217, b"user", b"nsl", b"x", 1, -4)
try_it("request_key", 249, 218, b"user", b"nsl", 0, 0)
try_it("shmget", 29, 194, 0, 4096, 0o1600)
try_it("semget", 64, 190, 0, 1, 0o1600)
try_it("msgget", 68, 186, 0, 0o1600)
try_it("syslog", 103, 116, 3, buf, 4096)
try_it("kexec_load", 246, 104, 0, 0, 0, 0)
try_it("finit_module", 313, 273, 0, b"", 0)
try_it("delete_module", 176, 106, b"nothing", 0)
try_it("reboot", 169, 142, 0xfee1dead, 672274793, 0, 0)
try_it("settimeofday", 164, 170, 0, 0)
try_it("open_tree", 428, 428, -100, b"/usr", 1)
try_it("fsopen", 430, 430, b"tmpfs", 0)
try_it("mount_setattr", 442, 442, -100, b"/", 0, bytes(32), 32)
try_it("pivot_root", 155, 41, b"/tmp", b"/tmp")
try_it("swapoff", 168, 225, b"/nothing") if False else None
try_it("name_to_handle_at", 303, 264, -100, b"/etc", b"\x80\0\0\0" + bytes(200), buf, 0)
try_it("fanotify_init", 300, 262, 0, 0)
try_it("process_vm_readv", 310, 270, os.getppid(), 0, 0, 0, 0, 0)
try_it("quotactl", 179, 60, 0x800100, b"/dev/vda", 0, buf)
try_it("acct", 163, 89, 0)
if x86:
    # The numbers of other instruction sets must not get past the filter.
    try_it("mount by x32", 0x40000000 + 165, 0, b"none", b"/tmp", b"tmpfs", 0, 0)
    try_it("iopl", 172, 0, 3)
    try_it("modify_ldt", 154, 0, 0, buf, 16)
