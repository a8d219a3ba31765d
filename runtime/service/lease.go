package service

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/service/dhcp"
)

// lending is a DHCP server that runs.
type lending struct {
	*task
	server *dhcp.Server
}

// startDHCP starts a server on an interface that has its address already.
func startDHCP(n Node, s plan.DHCP) (Handle, error) {
	return serveDHCP(n, s, dhcp.NewServer(s, nil))
}

func serveDHCP(n Node, s plan.DHCP, server *dhcp.Server) (Handle, error) {
	var c dhcp.Sockets
	err := n.Inside(func() (err error) {
		c, err = dhcpSockets(s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &lending{run(func() error { return server.Serve(c) }, c.UDP, c.Broadcast, c.Relays), server}, nil
}

// dhcpSockets runs on a thread inside the node.
func dhcpSockets(s plan.DHCP) (dhcp.Sockets, error) {
	udp, err := dhcpSocket(s.Link, netip.IPv4Unspecified(), false)
	if err != nil {
		return dhcp.Sockets{}, err
	}
	everybody, err := dhcpBroadcast(s.Link, s.Server.Addr())
	if err != nil {
		return dhcp.Sockets{}, errors.Join(err, udp.Close())
	}
	relays, err := sendingFrom(s.Server.Addr())
	if err != nil {
		return dhcp.Sockets{}, errors.Join(err, udp.Close(), everybody.Close())
	}
	return dhcp.Sockets{UDP: udp, Broadcast: everybody, Relays: relays}, nil
}

// sendingFrom is a socket at any port of an address. The one of an interface would take all
// destinations for neighbours there (ip_route_output_key_hash_rcu, net/ipv4/route.c).
func sendingFrom(a netip.Addr) (net.PacketConn, error) {
	fd, err := bindTo(unix.AF_INET, unix.SOCK_DGRAM, &unix.SockaddrInet4{Addr: a.As4()})
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer func() { _ = f.Close() }() // the connection has a copy
	return net.FilePacketConn(f)
}

// dhcpBroadcast sends to all clients of an interface, from an address of it.
func dhcpBroadcast(name string, from netip.Addr) (net.PacketConn, error) {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	raw, err := listenNothing(link)
	if err != nil {
		return nil, err
	}
	return nclient4.NewBroadcastUDPConn(raw, &net.UDPAddr{IP: from.AsSlice(), Port: plan.DHCPPort}), nil
}

// listenNothing opens a packet socket that only sends: its filter takes nothing
// in (bpf(2), a return of 0).
func listenNothing(link *net.Interface) (net.PacketConn, error) {
	filter, err := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
	if err != nil {
		return nil, err
	}
	return packet.Listen(link, packet.Datagram, unix.ETH_P_IP, &packet.Config{Filter: filter})
}

// dhcpSocket hears port 67 of one interface, broadcasts included (socket(7),
// SO_BINDTODEVICE), or of all where none is named; with share, others may have the port, too.
func dhcpSocket(link string, at netip.Addr, share bool) (net.PacketConn, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer func() { _ = f.Close() }() // the connection has a copy
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	if link != "" {
		err = errors.Join(err, unix.BindToDevice(fd, link))
	}
	if share {
		err = errors.Join(err, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	}
	if err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: plan.DHCPPort, Addr: at.As4()}); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	return net.FilePacketConn(f)
}

// Lease asks for an address on an interface until ctx ends. wish is the address
// that it asks for; the server need not follow. The error is plan.ErrNoLease
// when no server answered or one refused.
func Lease(ctx context.Context, n Node, link string, wish plan.Leased) (plan.Leased, error) {
	c, err := dhcpClient(n, link)
	if err != nil {
		return plan.Leased{}, err
	}
	return c.Acquire(ctx, wish.Addr.Addr())
}

// Release gives an address back to the server that lent it. The node must have
// the address still: the message is sent from there (RFC 2131, section 4.4.4).
func Release(n Node, link string, l plan.Leased) error {
	return n.Inside(func() error {
		i, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		m, err := dhcp.Release(i.HardwareAddr, l)
		if err != nil {
			return err
		}
		from := &net.UDPAddr{IP: l.Addr.Addr().AsSlice(), Port: dhcpv4.ClientPort}
		c, err := net.DialUDP("udp4", from, &net.UDPAddr{IP: l.Server.AsSlice(), Port: plan.DHCPPort})
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		_, err = c.Write(m)
		return err
	})
}

func dhcpClient(n Node, link string) (c dhcp.Client, err error) {
	c.Name = n.Name
	err = n.Inside(func() error {
		l, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		c.MAC = l.HardwareAddr
		c.Conn, err = nclient4.NewRawUDPConn(link, dhcpv4.ClientPort)
		return err
	})
	return c, err
}
