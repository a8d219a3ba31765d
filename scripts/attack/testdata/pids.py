# Processes outside, by their numbers there.
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
pid = @PID@
def victim():
    try:
        return b"CLIENT_SECRET" in open("/proc/%d/environ" % pid, "rb").read()
    except OSError:
        return False
try:
    os.kill(pid, 0)
    if victim():
        print("BROKEN kill")
        os.kill(pid, signal.SIGKILL)
except OSError as e:
    print("kill", e)
fd = libc.syscall(434, pid, 0)  # pidfd_open
if fd >= 0 and victim():
    print("BROKEN pidfd")
if libc.ptrace(16, pid, 0, 0) == 0 and victim():  # PTRACE_ATTACH
    print("BROKEN ptrace")
