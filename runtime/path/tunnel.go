package path

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// carrier is what became of the packets that carry what is sent over a tunnel: by keeps
// them from the other end, nil for nothing, and they arrive in a node at a port with the source
// src.
type carrier struct {
	by   Obstacle
	src  netip.Addr
	node string
	port int
}

// NoEnd means that the packets of a tunnel arrive at the node of its remote end, with the
// source Src, and that node has no tunnel of the kind.
type NoEnd struct {
	Tunnel plan.Link
	Node   string
	Src    netip.Addr
}

func (NoEnd) obstacle() {}

// tunnels are the other ends of a tunnel that has remote ones.
func (s *Snapshot) tunnels(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	if !plan.KindOf(l.Kind).Tunnel {
		return true
	}
	if l.Kind == plan.WireGuard {
		return s.wgPeers(l, yield)
	}
	if l.Remote.IsMulticast() {
		return s.group(l, yield)
	}
	for _, r := range s.remotes(l) {
		c := s.carrierOf(l, r.addr)
		if !l.Up {
			c.by = nil
		}
		for _, owner := range s.owners(r.addr) {
			if !s.endsIn(l, owner.Node, r.addr, c, yield) {
				return false
			}
		}
	}
	return true
}

// group are the vxlans that find each other by multicast, of nodes that share a segment with
// the lower device of one.
func (s *Snapshot) group(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	return s.eachLink(func(o plan.Link) bool {
		key := tunnelKey{l.Ref(), o.Remote}
		if o.Kind != l.Kind || o.Ref() == l.Ref() || !o.Remote.IsMulticast() || o.Lower == l.Lower {
			return true
		}
		if _, within := s.outer[key]; within {
			return true // a tunnel in itself
		}
		s.outer[key] = carrier{}
		lost, same := s.obstacle(l.Lower, o.Lower)
		delete(s.outer, key)
		by := alike(l, o, l.ID == o.ID && l.Port == o.Port && l.Remote == o.Remote)
		if by == nil {
			by = lost
		}
		return !same || yield(o.Ref(), by)
	})
}

// endsIn are the tunnels of a node at the other end of one, each with what keeps its
// packets from it.
func (s *Snapshot) endsIn(l plan.Link, node string, at netip.Addr, c carrier, yield func(plan.Ref, Obstacle) bool) bool {
	links, err := s.Links(node)
	if err != nil {
		return true
	}
	for _, o := range links {
		if o.Kind != l.Kind || o.Ref() == l.Ref() {
			continue
		}
		by := alike(l, o, s.meets(l, o, at, c))
		if by == nil {
			by = c.by
		}
		if !yield(o.Ref(), by) {
			return false
		}
	}
	return true
}

// meets reports whether a tunnel gets what another one sends to one of its node's
// addresses: of a vxlan by identifier and port alone, of others by the ends as well.
func (s *Snapshot) meets(l, o plan.Link, at netip.Addr, c carrier) bool {
	if l.ID != o.ID || l.Port != o.Port || l.Key != o.Key {
		return false
	}
	if l.Kind == plan.VXLAN {
		return true
	}
	back := o.Remote == c.src
	if c.by != nil { // its source is not known
		back = slices.ContainsFunc(s.owners(o.Remote), func(r plan.Ref) bool { return r.Node == homeOf(l) })
	}
	return back && (!o.Local.IsValid() || o.Local == at)
}

// carrierOf follows the packets of a tunnel to a remote end. Each is followed once.
func (s *Snapshot) carrierOf(l plan.Link, to netip.Addr) carrier {
	key := tunnelKey{l.Ref(), to}
	if c, ok := s.outer[key]; ok {
		return c
	}
	s.outer[key] = carrier{} // a tunnel in itself
	dev := ""
	if l.Lower.Node == l.Node {
		dev = l.Lower.Link
	}
	c := carrier{}
	f := newJourney(s).follow(homeOf(l), outerPacket(l, to), dev)
	c.src, c.node, c.port = f.Packet.Src, f.Node(), int(f.Packet.DstPort)
	if !f.Arrived() {
		c.by = Buried{l, to, f}
	}
	s.outer[key] = c
	return c
}

// buried is the obstacle that keeps the packets of a tunnel from a remote end, nil for
// none.
func (s *Snapshot) buried(l plan.Link, to netip.Addr) Obstacle { return s.carrierOf(l, to).by }

// outerPacket is a packet that carries what is sent over a tunnel, of no size.
func outerPacket(l plan.Link, to netip.Addr) Packet {
	p := Packet{Src: l.Local, Dst: to, Proto: plan.KindOf(l.Kind).Proto, DstPort: uint16(l.Port), TTL: l.TTL}
	for _, peer := range l.WG.Peers {
		if peer.Endpoint.Addr() == to {
			p.SrcPort, p.DstPort = uint16(l.WG.Port), peer.Endpoint.Port()
		}
	}
	return p
}

// homeOf is the node that a tunnel sends from: where it was made.
func homeOf(l plan.Link) string {
	if l.Lower.Node != "" {
		return l.Lower.Node
	}
	return l.Node
}

// alike is what stops frames between two ends of a tunnel.
func alike(a, b plan.Link, same bool) Obstacle {
	switch {
	case !a.Up:
		return down(a)
	case !b.Up:
		return down(b)
	case !same:
		return Unlike{a, b}
	}
	return nil
}

// pointToPoint reports whether all that is sent over an interface goes to the one other
// end of its tunnel, whatever the address: there are no neighbours to ask for.
func pointToPoint(l plan.Link) bool {
	k := plan.KindOf(l.Kind)
	return k.Tunnel && k.Bare
}

// otherEnd is where what is sent over such an interface comes out, or how it ends.
func (j *journey) otherEnd(h *Hop, l plan.Link) (plan.Ref, End) {
	var by Obstacle
	for r, o := range j.adjacent(l.Ref()) {
		if o == nil {
			return r, nil
		}
		if _, unlike := by.(Unlike); by == nil || unlike {
			by = o
		}
	}
	if by == nil {
		by = j.unended(l)
	}
	return plan.Ref{}, NoNeighbour{l.Ref(), h.Next, j.owners(h.Next), Blocked{by}}
}

// unended is what keeps the packets of a tunnel that has no other end from where it would
// be: either they do not arrive there, or nothing there takes them.
func (s *Snapshot) unended(l plan.Link) Obstacle {
	if by := s.buried(l, l.Remote); by != nil {
		return by
	}
	e := NoEnd{Tunnel: l, Src: s.carrierOf(l, l.Remote).src}
	if owners := s.owners(l.Remote); len(owners) > 0 {
		e.Node = owners[0].Node
	}
	return e
}
