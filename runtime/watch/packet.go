package watch

import (
	"encoding/binary"
	"net/netip"

	"nsl/runtime/plan"
)

// The numbers of protocols (IANA), and the lengths of headers in bytes.
const (
	protoICMP, protoTCP, protoICMP6 = 1, 6, 58
	header4, header6, headerICMP    = 20, 40, 8
)

// Types of messages (RFC 792, RFC 4443), and flags of TCP (RFC 9293).
const (
	echoRequest4, echoReply4 = 8, 0
	echoRequest6, echoReply6 = 128, 129
	synFlag, rstFlag, ack    = 0x02, 0x04, 0x10
)

// read fills in what a packet is; ok is false for what is of no interest. The
// packet begins with the header of IPv4 or IPv6.
func read(s *plan.Sighting, b []byte) (ok bool) {
	proto, rest := address(s, b)
	switch {
	case proto == protoTCP:
		return readTCP(s, rest)
	case proto == protoICMP && s.Src.Addr().Is4(), proto == protoICMP6 && s.Src.Addr().Is6():
		return readICMP(s, rest)
	}
	return false
}

// address reads the addresses; fragments after the first have no transport header.
func address(s *plan.Sighting, b []byte) (proto int, rest []byte) {
	switch {
	case len(b) >= header4 && b[0]>>4 == 4:
		length := int(b[0]&0xf) * 4
		if len(b) < length || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
			return 0, nil
		}
		s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), 0)
		s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[16:20])), 0)
		return int(b[9]), b[length:]
	case len(b) >= header6 && b[0]>>4 == 6:
		s.Src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])), 0)
		s.Dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[24:40])), 0)
		return int(b[6]), b[header6:]
	}
	return 0, nil
}

func readICMP(s *plan.Sighting, b []byte) bool {
	if len(b) < headerICMP {
		return false
	}
	s.Proto = "icmp"
	six := s.Src.Addr().Is6()
	switch t := b[0]; {
	case !six && t == echoRequest4, six && t == echoRequest6:
		s.What, s.ID = "echo request", payload(b[headerICMP:])
	case !six && t == echoReply4, six && t == echoReply6:
		s.What, s.ID = "echo reply", payload(b[headerICMP:])
	case !six && (t == 3 || t == 11 || t == 12), six && t >= 1 && t <= 4:
		var quoted plan.Sighting
		if !read(&quoted, b[headerICMP:]) {
			return false
		}
		s.What, s.ID = plan.ICMPError(s.Src.Addr(), t, b[1], binary.BigEndian.Uint32(b[4:])).What, quoted.ID
	default:
		return false
	}
	return true
}

// payload is the first eight bytes of an echo's, as a number.
func payload(b []byte) uint64 {
	var first [8]byte
	copy(first[:], b)
	return binary.BigEndian.Uint64(first[:])
}

// readTCP reads how a connection begins. An ICMP error quotes no more than the first
// eight bytes, which have no flags (RFC 792).
func readTCP(s *plan.Sighting, b []byte) bool {
	const ports, flags = 8, 13
	if len(b) < ports {
		return false
	}
	s.Proto, s.What, s.ID = "tcp", "SYN", uint64(binary.BigEndian.Uint32(b[4:]))
	s.Src = netip.AddrPortFrom(s.Src.Addr(), binary.BigEndian.Uint16(b))
	s.Dst = netip.AddrPortFrom(s.Dst.Addr(), binary.BigEndian.Uint16(b[2:]))
	if len(b) <= flags {
		return true
	}
	answered := uint64(binary.BigEndian.Uint32(b[8:]) - 1)
	switch b[flags] & (synFlag | rstFlag | ack) {
	case synFlag:
	case synFlag | ack:
		s.What, s.ID = "SYN, ACK", answered
	case rstFlag | ack:
		s.What, s.ID = "RST", answered
	default:
		return false
	}
	return true
}
