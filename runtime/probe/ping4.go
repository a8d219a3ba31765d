package probe

import (
	"net/netip"

	"golang.org/x/net/bpf"
	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// icmp4 is echo over IPv4 (RFC 792).
func icmp4() *family {
	return &family{
		domain: unix.AF_INET, proto: unix.IPPROTO_ICMP,
		request: ipv4.ICMPTypeEcho, reply: ipv4.ICMPTypeEchoReply,
		requestType: uint8(ipv4.ICMPTypeEcho),
		errLevel:    unix.SOL_IP, errType: unix.IP_RECVERR,
		setup:    setup4,
		filter:   filter4,
		sockaddr: sockaddr4,
		control:  control4,
		whole:    whole4,
		message:  message4,
	}
}

// setup4 lets only echo replies in (raw(7), ICMP_FILTER: a set bit keeps the
// type out); errors come through the error queue.
func setup4(fd int) error {
	const icmpFilter = 1
	mask := ^uint32(1 << ipv4.ICMPTypeEchoReply)
	if err := unix.SetsockoptInt(fd, unix.SOL_RAW, icmpFilter, int(int32(mask))); err != nil {
		return err
	}
	return unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_RECVERR, 1)
}

// filter4 drops replies to others: a raw IPv4 socket sees the IP header first.
func filter4(id uint16) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadMemShift{Off: 0},
		bpf.LoadIndirect{Off: 4, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(id), SkipFalse: 1},
		bpf.RetConstant{Val: 1 << 18},
		bpf.RetConstant{Val: 0},
	}
}

func sockaddr4(to netip.Addr, _ int) unix.Sockaddr {
	return &unix.SockaddrInet4{Addr: to.As4()}
}

// control4 gives one packet its interface and source, its TTL and type of service (ip(7)).
func control4(f *flight) []byte {
	var oob []byte
	if f.ifindex != 0 || f.Src.IsValid() {
		info := unix.Inet4Pktinfo{Ifindex: int32(f.ifindex)}
		if f.Src.IsValid() {
			info.Spec_dst = f.Src.As4()
		}
		oob = append(oob, unix.PktInfo4(&info)...)
	}
	return append(oob, f.fields(unix.SOL_IP, unix.IP_TTL, unix.IP_TOS)...)
}

// fields are the control messages for the TTL and the type of service that are asked for.
func (f *flight) fields(level, ttl, tos int) []byte {
	var oob []byte
	if f.TTL != 0 {
		oob = append(oob, intControl(level, ttl, f.TTL)...)
	}
	if f.TOS != 0 {
		oob = append(oob, intControl(level, tos, f.TOS)...)
	}
	return oob
}

func whole4(fd int, on bool) error {
	mode := unix.IP_PMTUDISC_WANT
	if on {
		mode = unix.IP_PMTUDISC_PROBE
	}
	return unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_MTU_DISCOVER, mode)
}

// message4 is the ICMP message of a packet, or nil when its checksum is wrong:
// raw IPv4 sockets get packets before the kernel has checked it.
func message4(packet []byte) []byte {
	if len(packet) < 20 {
		return nil
	}
	header := int(packet[0]&0xf) * 4
	if header < 20 || len(packet) < header || internetChecksum(packet[header:]) != 0 {
		return nil
	}
	return packet[header:]
}

// internetChecksum is RFC 1071's; over a message that holds its right checksum
// it is 0.
func internetChecksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
