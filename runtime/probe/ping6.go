package probe

import (
	"errors"
	"net/netip"

	"golang.org/x/net/bpf"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// icmp6 is echo over IPv6 (RFC 4443).
func icmp6() *family {
	return &family{
		domain: unix.AF_INET6, proto: unix.IPPROTO_ICMPV6,
		request: ipv6.ICMPTypeEchoRequest, reply: ipv6.ICMPTypeEchoReply,
		requestType: uint8(ipv6.ICMPTypeEchoRequest),
		errLevel:    unix.SOL_IPV6, errType: unix.IPV6_RECVERR,
		setup:    setup6,
		filter:   filter6,
		sockaddr: sockaddr6,
		control:  control6,
		whole:    whole6,
		// The kernel writes and checks the ICMPv6 checksum (RFC 3542 section 3.1)
		// and takes the IPv6 header off.
		message: func(packet []byte) []byte { return packet },
	}
}

// setup6 lets only echo replies in (RFC 3542 section 3.2; in Linux a set bit
// keeps the type out); errors come through the error queue.
func setup6(fd int) error {
	const icmp6Filter = 1
	var f unix.ICMPv6Filter
	for i := range f.Data {
		f.Data[i] = ^uint32(0)
	}
	f.Data[ipv6.ICMPTypeEchoReply>>5] &^= 1 << (ipv6.ICMPTypeEchoReply & 31)
	if err := unix.SetsockoptICMPv6Filter(fd, unix.SOL_ICMPV6, icmp6Filter, &f); err != nil {
		return err
	}
	return unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
}

// filter6 drops replies to others: a raw IPv6 socket sees the ICMPv6 message
// first.
func filter6(id uint16) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: 4, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(id), SkipFalse: 1},
		bpf.RetConstant{Val: 1 << 18},
		bpf.RetConstant{Val: 0},
	}
}

func sockaddr6(to netip.Addr, ifindex int) unix.Sockaddr {
	a := &unix.SockaddrInet6{Addr: to.As16()}
	if to.IsLinkLocalUnicast() {
		a.ZoneId = uint32(ifindex)
	}
	return a
}

// control6 gives one packet its interface and source, its hop limit and traffic class
// (ipv6(7)).
func control6(f *flight) []byte {
	var oob []byte
	if f.ifindex != 0 || f.Src.IsValid() {
		info := unix.Inet6Pktinfo{Ifindex: uint32(f.ifindex)}
		if f.Src.IsValid() {
			info.Addr = f.Src.As16()
		}
		oob = append(oob, unix.PktInfo6(&info)...)
	}
	return append(oob, f.fields(unix.SOL_IPV6, unix.IPV6_HOPLIMIT, unix.IPV6_TCLASS)...)
}

func whole6(fd int, on bool) error {
	mode, dontFragment := unix.IPV6_PMTUDISC_WANT, 0
	if on {
		mode, dontFragment = unix.IPV6_PMTUDISC_PROBE, 1
	}
	return errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_MTU_DISCOVER, mode),
		unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_DONTFRAG, dontFragment),
	)
}

// routed6 tells, on a thread inside the node, whether the kernel has a way to an
// address: connecting a datagram socket only looks it up.
func routed6(to netip.Addr, dev string, ifindex int) (yes bool, err error) {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	if dev != "" {
		if err := unix.BindToDevice(fd, dev); err != nil {
			return false, err
		}
	}
	a := &unix.SockaddrInet6{Addr: to.As16(), Port: 9, ZoneId: uint32(ifindex)}
	return !errors.Is(unix.Connect(fd, a), unix.EINVAL), nil
}
