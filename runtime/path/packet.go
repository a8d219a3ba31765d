package path

import (
	"net/netip"

	"nsl/runtime/plan"
)

// defaultTTL is the hop limit of a node's own packets (ip_default_ttl).
const defaultTTL = 64

// Packet is a packet at some point of its way.
type Packet struct {
	// Src is the zero Addr for one whose sender has not chosen it yet.
	Src, Dst netip.Addr
	// Proto is "icmp", "tcp" or "udp"; "icmp" is ICMPv6 in IPv6.
	Proto string
	// SrcPort and DstPort are those of TCP and UDP; 0 is any that is free.
	SrcPort, DstPort uint16
	// TTL is the time to live (hop limit); 0 is the sender's default.
	TTL int
	// Mark is the firewall mark.
	Mark uint32
	// Size is that of the whole packet in bytes; 0 is one that fits everywhere.
	Size int
}

// protocol is the packet's protocol as rules name it.
func (p Packet) protocol() string {
	if p.Proto == "icmp" && p.Dst.Is6() {
		return "ipv6-icmp"
	}
	return p.Proto
}

// reply is what answers the packet where it arrived.
func (p Packet) reply() Packet {
	return Packet{Src: p.Dst, Dst: p.Src, Proto: p.Proto, SrcPort: p.DstPort, DstPort: p.SrcPort, TTL: defaultTTL, Size: p.Size}
}

// Hop is one node on the way.
type Hop struct {
	// Node is the node, and In and Out the interfaces that the packet came in
	// and left by; "" is none.
	Node, In, Out string
	// Packet is the packet as it came in, or as its sender made it.
	Packet Packet
	// Query is what was asked for its route, and Route the answer; both are zero
	// where it got no further.
	Query plan.RouteQuery
	Route plan.Route
	// Next is the address that was asked for on the link: the gateway, or the
	// destination itself.
	Next netip.Addr
	// Rivals are the interfaces of other nodes that answer for Next besides the one
	// that the packet goes to.
	Rivals []plan.Ref
	// Entry is the entry of the neighbour table that named a node which does not
	// have Next; zero where there is none.
	Entry plan.Neighbour
	// NAT are the changes of its addresses, in their order.
	NAT []NAT
}

// NAT is a change of a packet's source or destination.
type NAT struct {
	// Rule made it; of a reply it is the rule that translated the request.
	Rule plan.NftRule
	// Source: it is the source that changed.
	Source   bool
	From, To netip.AddrPort
}

// Fate is what became of a packet.
type Fate struct {
	// Hops are the nodes that had it, its sender first; there is always one.
	Hops []Hop
	// End is how it ended, never nil, and Packet the packet as it was then.
	End    End
	Packet Packet
}

// Node is where it ended.
func (f Fate) Node() string { return f.Hops[len(f.Hops)-1].Node }

// Arrived reports whether the packet reached the node that has its destination.
func (f Fate) Arrived() bool {
	_, ok := f.End.(Delivered)
	return ok
}

// Exchange is a request and what came back.
type Exchange struct {
	Request Fate
	// Reply is the fate of what was sent back: a reply, or the ICMP error that
	// Error is, or a Reset of the connection. It is nil when nothing was.
	Reply *Fate
	Error *ICMP
	Reset bool
}

// Answered reports whether the reply got back to who asked.
func (x Exchange) Answered() bool { return x.Error == nil && !x.Reset && x.returned() }

// Refused reports whether an ICMP error or a reset got back to who asked.
func (x Exchange) Refused() bool { return (x.Error != nil || x.Reset) && x.returned() }

func (x Exchange) returned() bool {
	return x.Reply != nil && x.Reply.Arrived() && x.Reply.Node() == x.Request.Hops[0].Node
}
