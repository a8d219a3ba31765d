package path

import (
	"net/netip"
	"syscall"

	"nsl/runtime/plan"
)

// ICMP is an error that a node sends back (RFC 792, RFC 4443).
type ICMP struct {
	From       netip.Addr
	Type, Code uint8
}

// The errors by what they mean, IPv4's and IPv6's.
const (
	noRoute = iota
	noHost
	prohibited
	expired
	tooBig
)

func icmpOf(what int, six bool) ICMP {
	list := [...][2]ICMP{
		noRoute:    {{Type: 3, Code: 0}, {Type: 1, Code: 0}},
		noHost:     {{Type: 3, Code: 1}, {Type: 1, Code: 3}},
		prohibited: {{Type: 3, Code: 13}, {Type: 1, Code: 1}},
		expired:    {{Type: 11, Code: 0}, {Type: 3, Code: 0}},
		tooBig:     {{Type: 3, Code: 4}, {Type: 2, Code: 0}},
	}
	if six {
		return list[what][1]
	}
	return list[what][0]
}

// complaint is the ICMP error that a packet ended with; most ends have none.
func complaint(e End, six bool) (ICMP, bool) {
	switch e := e.(type) {
	case NoRoute:
		return icmpOf(noRoute, six), true
	case Refused:
		return refusedBy(e.Errno, six)
	case Unfragmented:
		return icmpOf(tooBig, six), true
	case Filtered:
		return icmpOf(prohibited, six), e.Frame == "" && e.Rule.Verdict == "reject" && e.Rule.Proto != "tcp"
	case Expired:
		return icmpOf(expired, six), true
	case NoNeighbour:
		return icmpOf(noHost, six), true
	}
	return ICMP{}, false
}

// refusedBy is what a router answers for a route that refuses: nothing for a
// blackhole (ip_error, ip6_pkt_discard).
func refusedBy(errno syscall.Errno, six bool) (ICMP, bool) {
	switch {
	case errno == syscall.EINVAL:
		return ICMP{}, false
	case errno == syscall.EACCES:
		return icmpOf(prohibited, six), true
	case six:
		return icmpOf(noRoute, six), true
	}
	return icmpOf(noHost, six), true
}

// Echo is the packet of an echo request.
func Echo(p plan.Ping) Packet {
	return Packet{Src: p.Src, Dst: p.To.WithZone(""), Proto: "icmp", TTL: p.TTL, Size: EchoSize(p), DontFragment: p.DF}
}

// EchoSize is the size of a ping's packets, with the headers of ICMP and of IPv4
// or IPv6 (RFC 792, RFC 791, RFC 8200).
func EchoSize(p plan.Ping) int {
	const icmpHeader, header4, header6 = 8, 20, 40
	if p.To.Is6() {
		return p.Size + icmpHeader + header6
	}
	return p.Size + icmpHeader + header4
}
