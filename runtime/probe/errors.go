package probe

import (
	"fmt"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// icmpError is an ICMP error message as the error queue of a socket reports it
// (ip(7), IP_RECVERR).
type icmpError struct {
	typ, code uint8
	// info is the next hop's MTU, or the octet that a parameter problem is about.
	info uint32
	from netip.Addr
}

// Types of ICMP errors: RFC 792 for IPv4, RFC 4443 section 2.1 for IPv6.
const (
	unreachable4      = 3
	timeExceeded4     = 11
	parameterProblem4 = 12
	fragNeeded4       = 4 // a code of unreachable4

	unreachable6      = 1
	packetTooBig6     = 2
	timeExceeded6     = 3
	parameterProblem6 = 4
)

// refusal is the ICMP error in ping(8)'s words.
func (e icmpError) refusal(words func(icmpError) string) plan.PingError {
	r := plan.PingError{What: words(e), From: e.from, Type: e.typ, Code: e.code}
	if e.tooBig() {
		r.MTU = int(e.info)
	}
	return r
}

// tooBig reports whether the sender may succeed with a smaller packet: the kernel
// has learned the path's MTU from this error and fragments from now on.
func (e icmpError) tooBig() bool {
	if e.from.Is4() {
		return e.typ == unreachable4 && e.code == fragNeeded4
	}
	return e.typ == packetTooBig6
}

// words4 is what ping(8) prints for an ICMPv4 error.
func words4(e icmpError) string {
	switch e.typ {
	case unreachable4:
		return unreachableWords4(e)
	case timeExceeded4: // RFC 792
		return pick(e.code, "Time exceeded, Bad Code: %d", "Time to live exceeded", "Frag reassembly time exceeded")
	case parameterProblem4: // RFC 792: the pointer is the first octet of the rest of the header
		return fmt.Sprintf("Parameter problem: pointer = %d", e.info>>24)
	}
	return fmt.Sprintf("Bad ICMP type: %d", e.typ)
}

func unreachableWords4(e icmpError) string {
	if e.code == fragNeeded4 {
		return fmt.Sprintf("Frag needed and DF set (mtu = %d)", e.info) // RFC 1191
	}
	return pick(e.code, "Dest Unreachable, Bad Code: %d",
		"Destination Net Unreachable",                      // RFC 792
		"Destination Host Unreachable",                     // RFC 792
		"Destination Protocol Unreachable",                 // RFC 792
		"Destination Port Unreachable",                     // RFC 792
		"",                                                 // RFC 792, RFC 1191: above
		"Source Route Failed",                              // RFC 792
		"Destination Net Unknown",                          // RFC 1122
		"Destination Host Unknown",                         // RFC 1122
		"Source Host Isolated",                             // RFC 1122
		"Destination Net Prohibited",                       // RFC 1122
		"Destination Host Prohibited",                      // RFC 1122
		"Destination Net Unreachable for Type of Service",  // RFC 1122
		"Destination Host Unreachable for Type of Service", // RFC 1122
		"Packet filtered",                                  // RFC 1812
		"Precedence Violation",                             // RFC 1812
		"Precedence Cutoff",                                // RFC 1812
	)
}

// words6 is what ping(8) prints for an ICMPv6 error.
func words6(e icmpError) string {
	switch e.typ {
	case unreachable6:
		return "Destination unreachable: " + pick(e.code, "Unknown code %d",
			"No route",                                    // RFC 4443
			"Administratively prohibited",                 // RFC 4443
			"Beyond scope of source address",              // RFC 4443
			"Address unreachable",                         // RFC 4443
			"Port unreachable",                            // RFC 4443
			"Source address failed ingress/egress policy", // RFC 4443
			"Reject route to destination",                 // RFC 4443
		)
	case packetTooBig6: // RFC 4443
		return fmt.Sprintf("Packet too big: mtu=%d", e.info)
	case timeExceeded6: // RFC 4443
		return "Time exceeded: " + pick(e.code, "code %d", "Hop limit", "Defragmentation failure")
	case parameterProblem6: // RFC 4443
		return fmt.Sprintf("Parameter problem: %s at %d",
			pick(e.code, "code %d", "Wrong header field", "Unknown header", "Unknown option"), e.info)
	}
	return fmt.Sprintf("Bad ICMP type: %d", e.typ)
}

// pick is the word of an ICMP code, or other with the code in it.
func pick(code uint8, other string, words ...string) string {
	if int(code) < len(words) {
		return words[code]
	}
	return fmt.Sprintf(other, code)
}

// refusedHere is a send that the node's own kernel refused. The words are the
// C library's, which ping(8) prints after "sendmsg: ".
func refusedHere(errno syscall.Errno) plan.PingError {
	return plan.PingError{What: errnoWords(errno), Errno: errno}
}

func errnoWords(errno syscall.Errno) string {
	switch errno {
	case unix.ENETUNREACH: // no route; a "throw" route at the end of the rules
		return "Network is unreachable"
	case unix.EHOSTUNREACH: // an "unreachable" route
		return "No route to host"
	case unix.EACCES: // a "prohibit" route; a broadcast or multicast address
		return "Permission denied"
	case unix.EPERM: // dropped by the packet filter on its way out
		return "Operation not permitted"
	case unix.EINVAL: // a "blackhole" route
		return "Invalid argument"
	case unix.EADDRNOTAVAIL: // no usable source address
		return "Cannot assign requested address"
	case unix.ENOBUFS: // the neighbour table or a queue is full
		return "No buffer space available"
	case unix.EMSGSIZE:
		return "Message too long"
	case unix.ENODEV:
		return "No such device"
	case unix.ECONNREFUSED: // a reset in answer to the SYN; ICMP port unreachable
		return "Connection refused"
	case unix.ECONNRESET:
		return "Connection reset by peer"
	case unix.ETIMEDOUT:
		return "Connection timed out"
	case unix.ENETDOWN:
		return "Network is down"
	case unix.EAFNOSUPPORT:
		return "Address family not supported by protocol"
	}
	return errno.Error()
}
