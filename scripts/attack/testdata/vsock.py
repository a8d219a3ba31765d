# The machine that this one is a guest of, or the guests that it has.
import os, socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    try:
        socket.socket(40, kind, 0).close()
        print("BROKEN: a socket of vsock")
    except OSError:
        pass
for name in ["/dev/vsock", "/dev/vhost-vsock", "/dev/vhost-net", "/dev/kvm", "/dev/fuse"]:
    try:
        os.close(os.open(name, os.O_RDWR))
        print("BROKEN: opened", name)
    except OSError:
        pass
