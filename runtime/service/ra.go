package service

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// raInterval is the time between advertisements that no host has asked for (RFC 4861,
// section 6.2.1: 4 to 1800 s).
const raInterval = 10 * time.Second

// Types of ICMPv6 messages and of their options (RFC 4861, RFC 8106).
const (
	routerSolicitation, routerAdvertisement = 133, 134
	prefixInformation, recursiveDNS         = 3, 25
	onLinkAutonomous                        = 0xc0
)

// advertiser sends router advertisements from one interface.
type advertiser struct {
	plan.RA
	conn net.PacketConn
}

// startRA sends the first advertisement before it returns.
func startRA(n Node, s plan.RA) (Handle, error) {
	a := &advertiser{RA: s}
	err := n.Inside(func() (err error) {
		a.conn, err = raSocket(s.Link)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := a.send(advertisement(s)); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) && !errors.Is(err, unix.ENETUNREACH) {
		return nil, errors.Join(err, a.conn.Close())
	}
	return run(a.serve, a), nil
}

// raSocket hears the router solicitations of one interface. The kernel adds checksums.
func raSocket(link string) (net.PacketConn, error) {
	i, err := net.InterfaceByName(link)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_ICMPV6)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer func() { _ = f.Close() }() // the connection has a copy
	filter := unix.ICMPv6Filter{}
	for w := range filter.Data {
		filter.Data[w] = 0xffffffff
	}
	filter.Data[routerSolicitation/32] &^= 1 << (routerSolicitation % 32)
	routers := unix.IPv6Mreq{Multiaddr: netip.MustParseAddr("ff02::2").As16(), Interface: uint32(i.Index)}
	err = errors.Join(
		unix.BindToDevice(fd, link),
		unix.SetsockoptICMPv6Filter(fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &filter),
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, 255),
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 0),
		unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &routers),
	)
	if err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	return net.FilePacketConn(f)
}

// serve answers solicitations, and sends unasked from time to time, until Close.
func (a *advertiser) serve() error {
	buf := make([]byte, 1500)
	for {
		if err := a.conn.SetReadDeadline(time.Now().Add(raInterval)); err != nil {
			return err
		}
		if _, _, err := a.conn.ReadFrom(buf); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, unix.ENETDOWN) {
			return err
		}
		_ = a.send(advertisement(a.RA)) // the next one comes
	}
}

func (a *advertiser) send(message []byte) error {
	_, err := a.conn.WriteTo(message, &net.IPAddr{IP: net.IPv6linklocalallnodes})
	return err
}

// Close says that the node is a default router no more (RFC 4861, section 6.2.5).
func (a *advertiser) Close() error {
	last := a.RA
	last.Lifetime, last.Prefixes = 0, nil
	_ = a.send(advertisement(last)) // its interface may be gone
	return a.conn.Close()
}

// advertisement is the ICMPv6 message, its checksum left to the kernel (RFC 4861,
// section 4.2).
func advertisement(s plan.RA) []byte {
	b := []byte{routerAdvertisement, 0, 0, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(s.Lifetime/time.Second))
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // times that hosts choose themselves
	for _, p := range s.Prefixes {
		b = append(b, prefixInformation, 4, byte(p.Bits()), onLinkAutonomous)
		b = binary.BigEndian.AppendUint32(b, uint32(s.Valid/time.Second))
		b = binary.BigEndian.AppendUint32(b, uint32(s.Preferred/time.Second))
		b = append(append(b, 0, 0, 0, 0), p.Masked().Addr().AsSlice()...)
	}
	if len(s.RDNSS) > 0 {
		b = append(b, recursiveDNS, byte(1+2*len(s.RDNSS)), 0, 0)
		b = binary.BigEndian.AppendUint32(b, uint32(3*raInterval/time.Second))
		for _, a := range s.RDNSS {
			b = append(b, a.AsSlice()...)
		}
	}
	return b
}
