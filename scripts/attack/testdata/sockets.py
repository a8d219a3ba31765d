# Agents, buses and daemons that listen in the file system, by name, by
# abstract name, and on the loopback.
import socket
def ask(family, address):
    try:
        s = socket.socket(family, socket.SOCK_STREAM)
        s.settimeout(1)
        s.connect(address)
        print(s.recv(100).decode())
    except OSError as e:
        print(address, e)
for path in "@SOCKETS@ /var/run/docker.sock /run/docker.sock /run/dbus/system_bus_socket /run/systemd/private".split():
    ask(socket.AF_UNIX, path)
ask(socket.AF_UNIX, "\0@ABSTRACT@")
ask(socket.AF_INET, ("127.0.0.1", @PORT@))
ask(socket.AF_INET6, ("::ffff:127.0.0.1", @PORT@))
