package service

import (
	"errors"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// bound opens a socket inside the node, bound to an address or, for the zero
// Addr, to all of both families.
//
// Package net is not asked to open it: what it finds out once about the
// machine's IPv6 (net.supportsIPv6) is true of one namespace only.
func bound(n Node, kind int, addr netip.Addr, port int) (fd int, err error) {
	inside := n.Inside(func() error {
		fd, err = bindHere(kind, addr, port)
		return err
	})
	return fd, inside
}

// bindHere runs on a thread inside the node.
func bindHere(kind int, addr netip.Addr, port int) (int, error) {
	switch {
	case addr.Is4():
		return bindTo(unix.AF_INET, kind, &unix.SockaddrInet4{Port: port, Addr: addr.As4()})
	case addr.Is6():
		return bindTo(unix.AF_INET6, kind, &unix.SockaddrInet6{Port: port, Addr: addr.As16(), ZoneId: scope(addr)})
	}
	fd, err := bindTo(unix.AF_INET6, kind, &unix.SockaddrInet6{Port: port})
	if errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EADDRNOTAVAIL) {
		return bindTo(unix.AF_INET, kind, &unix.SockaddrInet4{Port: port})
	}
	return fd, err
}

// scope is the index of the interface that has a link-local address, without which none
// can be bound (ipv6(7), sin6_scope_id); 0 for others, and where no interface has it.
func scope(addr netip.Addr) uint32 {
	if !addr.IsLinkLocalUnicast() {
		return 0
	}
	links, _ := net.Interfaces() // without them bind(2) says what is wrong
	for _, l := range links {
		addrs, _ := l.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(addr.AsSlice()) && (addr.Zone() == "" || addr.Zone() == l.Name) {
				return uint32(l.Index)
			}
		}
	}
	return 0
}

func bindTo(family, kind int, at unix.Sockaddr) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := prepare(fd, family, kind, at); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func prepare(fd, family, kind int, at unix.Sockaddr) error {
	if kind == unix.SOCK_STREAM {
		// A server that is started again must not wait for old connections (socket(7)).
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	// A service that is started again when a statement is undone must not fail
	// because its address is still missing (ip(7), IP_FREEBIND).
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_FREEBIND, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if family == unix.AF_INET6 {
		at6 := at.(*unix.SockaddrInet6)
		only := 0
		if at6.Addr != [16]byte{} {
			only = 1
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return os.NewSyscallError("bind", unix.Bind(fd, at))
}

// listen opens a TCP listener inside the node.
func listen(n Node, addr netip.Addr, port int) (net.Listener, error) {
	fd, err := bound(n, unix.SOCK_STREAM, addr, port)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer func() { _ = f.Close() }() // the listener has a copy
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	return net.FileListener(f)
}

// listenUDP opens a UDP socket inside the node that tells with each datagram
// which of the node's addresses it came to.
func listenUDP(n Node, addr netip.Addr, port int) (*net.UDPConn, error) {
	fd, err := bound(n, unix.SOCK_DGRAM, addr, port)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer func() { _ = f.Close() }() // the connection has a copy
	// One of them is refused where the socket is of the other family.
	v4 := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	v6 := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
	if v4 != nil && v6 != nil {
		return nil, os.NewSyscallError("setsockopt", v4)
	}
	c, err := net.FilePacketConn(f)
	if err != nil {
		return nil, err
	}
	return c.(*net.UDPConn), nil
}
