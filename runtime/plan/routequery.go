package plan

import "net/netip"

// RouteQuery is a packet as the choice of its route sees it.
type RouteQuery struct {
	// Dst is where it goes. A zone names the interface that it must leave by.
	Dst netip.Addr
	// Src is its source; the zero Addr for a packet of the node's own that has
	// none yet.
	Src netip.Addr
	// IIf is the interface that it came in on; "" for a packet of the node's own.
	IIf string
	// OIf is the interface that it must leave by, or "".
	OIf string
	// Mark is its firewall mark.
	Mark uint32
	// Proto is "tcp", "udp" or "icmp" with the ports SPort and DPort, or "" where they
	// are not known: rules that ask for them then do not match.
	Proto        string
	SPort, DPort uint16
}

// Out is the interface that the packet must leave by, or "".
func (q RouteQuery) Out() string {
	if q.OIf != "" {
		return q.OIf
	}
	return q.Dst.Zone()
}

// Own reports whether the packet is the node's own and has no source yet: the
// answer then says which one it gets.
func (q RouteQuery) Own() bool { return q.IIf == "" && !q.Src.IsValid() }
