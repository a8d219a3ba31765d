package plan

import (
	"fmt"
	"net/netip"
	"syscall"
)

// PingError says why no reply came, as far as anyone said.
type PingError struct {
	// What is the refusal in ping(8)'s words: "Destination Host Unreachable",
	// "Network is unreachable", "Time to live exceeded", …; "" for none.
	What string
	// From is the router that sent the ICMP error; the zero Addr means that the
	// node's own kernel refused.
	From netip.Addr
	// Type and Code are the ICMP error's, of From's family (RFC 792, RFC 4443);
	// they mean nothing when From is the zero Addr.
	Type, Code uint8
	// Errno is what the node's own kernel refused with; 0 when From said it.
	Errno syscall.Errno
	// MTU is the next hop's, in bytes, when the packet was too big for it.
	MTU int
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

// ICMPError is an ICMP error of a router. Info is the next hop's MTU, or the octet
// that a parameter problem is about.
func ICMPError(from netip.Addr, typ, code uint8, info uint32) PingError {
	e := PingError{From: from, Type: typ, Code: code}
	if e.TooBig() {
		e.MTU = int(info)
	}
	if from.Is4() {
		e.What = words4(e, info)
	} else {
		e.What = words6(e, info)
	}
	return e
}

// TooBig reports whether the sender may succeed with a smaller packet: the kernel
// has learned the path's MTU from this error and fragments from now on.
func (e PingError) TooBig() bool {
	if e.From.Is4() {
		return e.Type == unreachable4 && e.Code == fragNeeded4
	}
	return e.From.IsValid() && e.Type == packetTooBig6
}

// RefusedHere is a send that the node's own kernel refused. The words are the C
// library's, which ping(8) prints after "sendmsg: ".
func RefusedHere(errno syscall.Errno) PingError {
	return PingError{What: errnoWords(errno), Errno: errno}
}

// words4 is what ping(8) prints for an ICMPv4 error.
func words4(e PingError, info uint32) string {
	switch e.Type {
	case unreachable4:
		return unreachableWords4(e, info)
	case timeExceeded4: // RFC 792
		return pick(e.Code, "Time exceeded, Bad Code: %d", "Time to live exceeded", "Frag reassembly time exceeded")
	case parameterProblem4: // RFC 792: the pointer is the first octet of the rest of the header
		return fmt.Sprintf("Parameter problem: pointer = %d", info>>24)
	}
	return fmt.Sprintf("Bad ICMP type: %d", e.Type)
}

func unreachableWords4(e PingError, info uint32) string {
	if e.Code == fragNeeded4 {
		return fmt.Sprintf("Frag needed and DF set (mtu = %d)", info) // RFC 1191
	}
	return pick(e.Code, "Dest Unreachable, Bad Code: %d",
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
func words6(e PingError, info uint32) string {
	switch e.Type {
	case unreachable6:
		return "Destination unreachable: " + pick(e.Code, "Unknown code %d",
			"No route",                                    // RFC 4443
			"Administratively prohibited",                 // RFC 4443
			"Beyond scope of source address",              // RFC 4443
			"Address unreachable",                         // RFC 4443
			"Port unreachable",                            // RFC 4443
			"Source address failed ingress/egress policy", // RFC 4443
			"Reject route to destination",                 // RFC 4443
		)
	case packetTooBig6: // RFC 4443
		return fmt.Sprintf("Packet too big: mtu=%d", info)
	case timeExceeded6: // RFC 4443
		return "Time exceeded: " + pick(e.Code, "code %d", "Hop limit", "Defragmentation failure")
	case parameterProblem6: // RFC 4443
		return fmt.Sprintf("Parameter problem: %s at %d",
			pick(e.Code, "code %d", "Wrong header field", "Unknown header", "Unknown option"), info)
	}
	return fmt.Sprintf("Bad ICMP type: %d", e.Type)
}

// pick is the word of an ICMP code, or other with the code in it.
func pick(code uint8, other string, words ...string) string {
	if int(code) < len(words) {
		return words[code]
	}
	return fmt.Sprintf(other, code)
}

func errnoWords(errno syscall.Errno) string {
	switch errno {
	case syscall.ENETUNREACH: // no route; a "throw" route at the end of the rules
		return "Network is unreachable"
	case syscall.EHOSTUNREACH: // an "unreachable" route
		return "No route to host"
	case syscall.EACCES: // a "prohibit" route; a broadcast or multicast address
		return "Permission denied"
	case syscall.EPERM: // dropped by the packet filter on its way out
		return "Operation not permitted"
	case syscall.EINVAL: // a "blackhole" route
		return "Invalid argument"
	case syscall.EADDRNOTAVAIL: // no usable source address
		return "Cannot assign requested address"
	case syscall.ENOBUFS: // the neighbour table or a queue is full
		return "No buffer space available"
	case syscall.EMSGSIZE:
		return "Message too long"
	case syscall.ENODEV:
		return "No such device"
	case syscall.ECONNREFUSED: // a reset in answer to the SYN; ICMP port unreachable
		return "Connection refused"
	case syscall.ECONNRESET:
		return "Connection reset by peer"
	case syscall.ETIMEDOUT:
		return "Connection timed out"
	case syscall.ENETDOWN:
		return "Network is down"
	case syscall.EAFNOSUPPORT:
		return "Address family not supported by protocol"
	}
	return errno.Error()
}
