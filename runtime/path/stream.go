package path

import (
	"nsl/runtime/plan"
)

// learn follows a packet whose sender makes it smaller, or sends it in fragments, where an
// ICMP error says that it is too big (RFC 1191, RFC 8201).
func (j *journey) learn(node string, p Packet, dev string) Fate {
	for range maxLearned {
		q := p
		q.DontFragment = p.PieceSize == 0 && j.unfragmented(node, p, dev)
		f := j.follow(node, q, dev)
		big, ok := f.End.(Unfragmented)
		if !ok || !j.hears(f) || big.MTU >= p.piece() {
			return f
		}
		if p.Proto == "tcp" {
			p.Size = big.MTU
		} else {
			p.PieceSize = big.MTU
		}
	}
	return j.follow(node, p, dev)
}

// maxLearned is how often a sender learns that its packets are too big.
const maxLearned = 4

// unfragmented reports whether the sender forbids routers to fragment a packet: it does
// unless it is in fragments already, or the MTU of its route is locked (ip_dont_fragment).
func (j *journey) unfragmented(node string, p Packet, dev string) bool {
	if p.Dst.Is6() {
		return true
	}
	r, err := j.RouteTo(node, plan.RouteQuery{Dst: p.Dst, Src: p.Src, OIf: dev, Mark: p.Mark})
	return err == nil && !r.MTULock && len(r.Hops) > 0 && p.Size <= j.link(node, r.Hops[0].Dev).MTU
}

// hears reports whether the sender of a packet that was too big gets the ICMP error.
func (j *journey) hears(f Fate) bool {
	heard := j.complaintOf(f)
	return heard != nil && heard.Arrived() && heard.Node() == f.Hops[0].Node
}

// complaintOf follows the ICMP error about a packet; nil where there is none.
func (j *journey) complaintOf(f Fate) *Fate {
	icmp, ok := complaint(f.End, f.Packet.Dst.Is6())
	if !ok {
		return nil
	}
	doubts, back := j.doubts, j.back
	j.back = !back
	heard := j.follow(f.Node(), j.complains(f, icmp), "")
	j.doubts, j.back = doubts, back
	return &heard
}

// requestSize is that of a short request, like a GET, in its packet.
const requestSize = 200

// Stream follows what comes after the beginning of a TCP connection: a short request, and
// an answer in packets as large as the two ends allow.
func Stream(v plan.View, node string, p Packet, dev string) Exchange {
	j, x := ask(v, node, p.started(), dev, 0)
	if !x.Answered() || p.Proto != "tcp" {
		return x
	}
	first := x.Request
	j.back, j.established = false, true
	request := first.Hops[0].Packet
	request.Src, request.Flags, request.Size = j.firsts[node][0].Addr(), flagPSH|flagACK, requestSize
	x = Exchange{Request: j.follow(node, request, dev)}
	if !x.Request.Arrived() {
		return x
	}
	j.back = true
	answer := x.Request.Packet.reply()
	answer.Flags, answer.DontFragment = flagACK, true
	answer.Size = j.segment(first, x.Request.Node())
	for range maxLearned {
		f := j.follow(x.Request.Node(), answer, "")
		x.Reply, x.Complaint = &f, nil
		big, ok := f.End.(Unfragmented)
		if !ok {
			return x
		}
		x.Complaint = j.complaintOf(f)
		if x.Complaint == nil || !x.Complaint.Arrived() || x.Complaint.Node() != x.Request.Node() || big.MTU >= answer.Size {
			return x
		}
		answer.Size = big.MTU
	}
	return x
}

// segment is the size of a full packet of the answer: each end announces what its own
// interface takes (RFC 9293, section 3.7.1).
func (j *journey) segment(request Fate, server string) int {
	size := 0
	for _, end := range []plan.Ref{{Node: request.Hops[0].Node, Link: request.Hops[0].Out}, {Node: server, Link: request.Hops[len(request.Hops)-1].In}} {
		if mtu := j.link(end.Node, end.Link).MTU; mtu > 0 && (size == 0 || mtu < size) {
			size = mtu
		}
	}
	return size
}
