package probe

import (
	"net/netip"

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

// refusal is the ICMP error in ping(8)'s words.
func (e icmpError) refusal() plan.PingError { return plan.ICMPError(e.from, e.typ, e.code, e.info) }
