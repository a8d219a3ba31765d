package path

import (
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// Ask follows a packet from a node, and what comes back. Dev is the interface
// that it must leave by, or "".
func Ask(v plan.View, node string, p Packet, dev string) Exchange {
	x, _ := AskTurn(v, node, p, dev, 0)
	return x
}

// AskTurn is [Ask] for a connection that comes later: where rules translate connections in
// turn, so many of them are passed over. It is false where there are not so many.
func AskTurn(v plan.View, node string, p Packet, dev string, turn int) (Exchange, bool) {
	j, x := ask(v, node, p.started(), dev, turn)
	return x, j.turn == 0
}

func ask(v plan.View, node string, p Packet, dev string, turn int) (*journey, Exchange) {
	j := newJourney(v)
	j.turn = turn
	x := Exchange{Request: j.learn(node, p, dev)}
	j.back = true
	switch icmp, complains := complaint(x.Request.End, p.Dst.Is6()); {
	case x.Request.Arrived():
		back := x.Request.Packet.reply()
		if p.Proto == "icmp" {
			back.Size = p.Size // what came in fragments is answered whole
		}
		x.send(j, back)
		x.Estranged = p.Proto != "icmp" && x.returned() && x.Reply.Packet.Src != p.Dst
	case complains:
		x.Error = &icmp
		back := j.complains(x.Request, icmp)
		x.Error.From = back.Src
		x.send(j, back)
	case x.Request.reset():
		x.Reset = true
		back := x.Request.Packet.reply()
		back.Flags = flagRST | flagACK
		x.send(j, back)
	}
	return j, x
}

func (x *Exchange) send(j *journey, p Packet) {
	dev := ""
	if p.Dst.Is6() && p.Dst.IsLinkLocalUnicast() {
		dev = x.Request.Hops[len(x.Request.Hops)-1].In
	}
	fate := j.follow(x.Request.Node(), p, dev)
	x.Reply = &fate
}

// journey follows the packets of one conversation.
type journey struct {
	*Snapshot
	// nat is what the nodes translated on the way there, as their connection
	// tracking remembers it.
	nat []translation
	// tracked are the nodes whose connection tracking has seen the request, untracked
	// those in which a rule took it out, and firsts its ends in each.
	tracked, untracked map[string]bool
	firsts             map[string][2]netip.AddrPort
	// marks are those of the connection in each node, and zones the ones in which each has
	// tracked it (ct mark, ct zone).
	marks map[string]uint32
	zones map[string]uint16
	// zonedBy is the rule that chose the zone of the request, the last one.
	zonedBy ruleset.Rule
	// untrackedAt is the node in which a rule took the packet that is followed out of
	// connection tracking, if it is there still.
	untrackedAt string
	// untrackedBy is the rule that did, the last one.
	untrackedBy RuleName
	// macs are the hardware addresses of the frame that is, or was last, on a link: its
	// sender's and its receiver's.
	macs [2]string
	// back: what is followed goes back. established: the conversation has begun.
	back, established bool
	// tunnels are those whose packets are followed: none is followed in itself.
	tunnels []plan.Ref
	// pieceSize is that of the fragments of the packet at the hook that it is at, 0 for none.
	pieceSize int
	// wrote is the rule that wrote into the packet at the hook that it is at.
	wrote ruleset.Rule
	// turn is how many rules that translate in turn are still to be passed over.
	turn int
	// doubts are what may have stopped the packet that is followed.
	doubts []End
}

func newJourney(v plan.View) *journey {
	return &journey{Snapshot: Of(v), tracked: map[string]bool{}, untracked: map[string]bool{}, firsts: map[string][2]netip.AddrPort{},
		marks: map[string]uint32{}, zones: map[string]uint16{}}
}

// complainer is the address that an ICMP error is sent from: that of the router on
// its way to the source, or the source's own.
func (j *journey) complainer(f Fate) netip.Addr {
	if f.own() {
		return f.Packet.Src
	}
	r, err := j.RouteTo(f.Node(), plan.RouteQuery{Dst: f.Packet.Src})
	if err != nil {
		return netip.Addr{}
	}
	return r.Src
}

// complains is the ICMP error that answers a packet where it ended.
func (j *journey) complains(f Fate, icmp ICMP) Packet {
	p := f.Packet.reply()
	p.Src, p.Proto, p.Type, p.Code, p.Complains = j.complainer(f), "icmp", icmp.Type, icmp.Code, true
	p.Size, p.DontFragment = 0, false
	return p
}
