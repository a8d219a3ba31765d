# Sockets of other families than those of networks in a lab.
import socket
for name, family in {"vsock": 40, "alg": 38, "xdp": 44, "bluetooth": 31, "rds": 21, "tipc": 30, "can": 29, "kcm": 41,
                     "qipcrtr": 42, "x25": 9, "ax25": 3, "llc": 26, "smc": 43}.items():
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind, 0)
            print("BROKEN", name)
        except OSError as e:
            pass
