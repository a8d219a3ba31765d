package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Announce sends the neighbours of interfaces their addresses: as ARP announcements
// (RFC 5227, section 3) and unsolicited neighbour advertisements (RFC 4861, section
// 7.2.6). The error names the first address that could not be sent.
func Announce(inside Inside, list []plan.Announcement) error {
	for _, a := range list {
		if err := inside(a.Node, func() error { return announce(a) }); err != nil {
			return fmt.Errorf("announce %s on %s: %w", a.IP, plan.Place(a.Node, a.Dev), err)
		}
	}
	return nil
}

// announce runs inside the node.
func announce(a plan.Announcement) (err error) {
	ifi, err := net.InterfaceByName(a.Dev)
	if err != nil {
		return err
	}
	if ifi.Flags&net.FlagUp == 0 {
		return unix.ENETDOWN
	}
	if a.IP.Is4() {
		return announce4(a.IP, ifi)
	}
	return announce6(a.IP, ifi)
}

// announce4 sends a request for the own address: hosts take the sender's hardware
// address from it (RFC 826).
func announce4(ip netip.Addr, ifi *net.Interface) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	put := binary.BigEndian
	b := arpFrame(ifi.HardwareAddr, ip, ip)[etherHeader:]
	to := &unix.SockaddrLinklayer{Protocol: put.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ARP)), Ifindex: ifi.Index,
		Halen: 6, Addr: [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	return errors.Join(os.NewSyscallError("sendto", unix.Sendto(fd, b, 0, to)), unix.Close(fd))
}

// announce6 sends an advertisement to all nodes, with the override flag. The kernel adds
// the checksum.
func announce6(ip netip.Addr, ifi *net.Interface) error {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	const advertisement, override, targetLinkLayer, hopLimit = 136, 0x20, 2, 255
	b := append([]byte{advertisement, 0, 0, 0, override, 0, 0, 0}, ip.AsSlice()...)
	b = append(append(b, targetLinkLayer, 1), ifi.HardwareAddr...)
	all := &unix.SockaddrInet6{ZoneId: uint32(ifi.Index), Addr: netip.IPv6LinkLocalAllNodes().As16()}
	err = errors.Join(
		os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_MULTICAST_HOPS, hopLimit)),
		os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrInet6{ZoneId: uint32(ifi.Index), Addr: ip.As16()})),
	)
	if err == nil {
		err = os.NewSyscallError("sendto", unix.Sendto(fd, b, 0, all))
	}
	return errors.Join(err, unix.Close(fd))
}
