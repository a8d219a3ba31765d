# File systems that parse what an attacker wrote, or reach the machine's.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/tmp/m", exist_ok=True); os.makedirs("/tmp/l", exist_ok=True); os.makedirs("/tmp/u", exist_ok=True); os.makedirs("/tmp/w", exist_ok=True)
def mount(source, target, kind, flags, data):
    r = libc.mount(source, target, kind, flags, data)
    print(kind, flags, os.strerror(ctypes.get_errno()) if r else "")
    return r == 0
if mount(b"none", b"/tmp/m", b"overlay", 0, b"lowerdir=/etc:/tmp/l,upperdir=/tmp/u,workdir=/tmp/w"): print("BROKEN overlay")
if mount(b"none", b"/tmp/m", b"fuse", 0, b"fd=3,rootmode=40000,user_id=0,group_id=0"): print("BROKEN fuse")
if mount(b"/dev/vda", b"/tmp/m", b"ext4", 0, None): print("BROKEN ext4")
if mount(b"none", b"/tmp/m", b"devtmpfs", 0, None): print("BROKEN devtmpfs")
if mount(b"none", b"/tmp/m", b"debugfs", 0, None): print("BROKEN debugfs")
if mount(b"none", b"/tmp/m", b"bpf", 0, b"mode=0777"): print("BROKEN bpf")
if mount(None, b"/", None, 32 | 4096, None): print("BROKEN remount")
if mount(b"/usr", b"/tmp/m", None, 8192, None): print("BROKEN move")
