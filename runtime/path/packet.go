package path

import (
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// defaultTTL is the hop limit of a node's own packets where no setting says another.
const defaultTTL = 64

// Packet is a packet at some point of its way.
type Packet struct {
	// Src is the zero Addr for one whose sender has not chosen it yet.
	Src, Dst netip.Addr
	// Proto is "icmp", "tcp", "udp" or that of a kind of tunnel; "icmp" is ICMPv6 in IPv6.
	Proto string
	// SrcPort and DstPort are those of TCP and UDP; 0 is any that is free.
	SrcPort, DstPort uint16
	// TTL is the time to live (hop limit); 0 is the sender's default.
	TTL int
	// Mark is the firewall mark.
	Mark uint32
	// Size is that of the whole packet in bytes; 0 is one that fits everywhere.
	Size int
	// DontFragment: routers drop it, and say so, where it does not fit (RFC 1191).
	DontFragment bool
	// PieceSize is that of the fragments that it is in, 0 for none.
	PieceSize int
	// Flags are those of TCP; 0 is a SYN. Type and Code are those of ICMP; a packet that
	// is asked about with 0 is an echo request.
	Flags      uint8
	Type, Code uint8
	// Complains: it is an ICMP error.
	Complains bool
}

// Flags of TCP (RFC 9293, section 3.1).
const (
	flagSYN = 0x02
	flagRST = 0x04
	flagPSH = 0x08
	flagACK = 0x10
)

// Types of echo packets (RFC 792, RFC 4443).
const (
	echoReply4, echoRequest4 = 0, 8
	echoRequest6, echoReply6 = 128, 129
)

// started is the packet as its sender begins a conversation with it.
func (p Packet) started() Packet {
	switch {
	case p.Proto == "tcp" && p.Flags == 0:
		p.Flags = flagSYN
	case p.Proto == "icmp" && p.Type == 0 && p.Dst.Is6():
		p.Type = echoRequest6
	case p.Proto == "icmp" && p.Type == 0:
		p.Type = echoRequest4
	}
	return p
}

// number is the number of the packet's protocol.
func (p Packet) number() uint8 {
	switch {
	case p.Proto == "tcp":
		return ruleset.ProtoTCP
	case p.Proto == "udp":
		return ruleset.ProtoUDP
	case p.Proto == "icmp" && p.Dst.Is6():
		return ruleset.ProtoICMP6
	case p.Proto == "icmp":
		return ruleset.ProtoICMP
	}
	return plan.ProtocolNumber(p.Proto)
}

// reply is what answers the packet where it arrived.
func (p Packet) reply() Packet {
	r := Packet{Src: p.Dst, Dst: p.Src, Proto: p.Proto, SrcPort: p.DstPort, DstPort: p.SrcPort, Size: p.Size}
	switch {
	case p.Proto == "tcp":
		r.Flags = flagSYN | flagACK
	case p.Proto == "icmp" && p.Dst.Is6():
		r.Type, r.DontFragment = echoReply6, true
	}
	return r
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
	// Zoned: the node does not know it as a reply; nil where it does.
	Zoned *Zoned
	// Untracked is the rule by which the node does not track the packet, so that no rule of
	// type nat sees it; zero where it does.
	Untracked RuleName
	// Aged is the last rule that wrote its time to live; zero where none did.
	Aged RuleName
	// NAT are the changes of its addresses, in their order.
	NAT []NAT
	// ttl is the time to live of the sender's packet, and ttlKey the setting that said so.
	ttl    int
	ttlKey string
}

// NAT is a change of a packet's source or destination.
type NAT struct {
	// Rule made it; of a reply it is the rule that translated the request. It is the
	// zero NftRule where it is not the lab's; By names it then.
	Rule plan.NftRule
	By   RuleName
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
	// Doubts are what may have stopped it on the way, though it is not known: rules
	// that are not understood, queues that lose some packets. Each is an End as if it had.
	Doubts []End
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
	// Complaint is the fate of the ICMP error about a reply that was too big; nil for none.
	Complaint *Fate
	// Estranged: the reply reaches the asker, but not from the address that was asked: it
	// passes by the node that changed the address of the request.
	Estranged bool
}

// Answered reports whether the reply got back to who asked.
func (x Exchange) Answered() bool { return x.Error == nil && !x.Reset && !x.Estranged && x.returned() }

// Refused reports whether an ICMP error or a reset got back to who asked.
func (x Exchange) Refused() bool { return (x.Error != nil || x.Reset) && x.returned() }

func (x Exchange) returned() bool {
	return x.Reply != nil && x.Reply.Arrived() && x.Reply.Node() == x.Request.Hops[0].Node
}
