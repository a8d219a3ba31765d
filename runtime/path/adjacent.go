package path

import (
	"iter"
	"net/netip"

	"nsl/runtime/plan"
)

// adjacent are the interfaces that frames get to from one in a step, whatever tags they
// have, each with what stops them, nil for nothing.
func (s *Snapshot) adjacent(r plan.Ref) iter.Seq2[plan.Ref, Obstacle] {
	return func(yield func(plan.Ref, Obstacle) bool) {
		l, err := s.Link(r.Node, r.Link)
		if err != nil {
			return
		}
		for _, steps := range []func(plan.Link, func(plan.Ref, Obstacle) bool) bool{s.cables, s.ports, s.sharing, s.tunnels} {
			if !steps(l, yield) {
				return
			}
		}
	}
}

// cables are the other end of a cable, and the bridge that a port belongs to.
func (s *Snapshot) cables(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	if peer, err := s.Peer(l.Node, l.Name); err == nil && !yield(peer, s.cable(l, peer)) {
		return false
	}
	return l.Master == "" || yield(plan.Ref{Node: l.Node, Link: l.Master}, s.port(l))
}

// ports are the ports of a bridge.
func (s *Snapshot) ports(bridge plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	if bridge.Kind != "bridge" {
		return true
	}
	links, err := s.Links(bridge.Node)
	if err != nil {
		return true
	}
	for _, p := range links {
		if p.Master == bridge.Name && !yield(p.Ref(), s.port(p)) {
			return false
		}
	}
	return true
}

// sharing are the macvlans and ipvlans that share a lower device, and where its
// frames go: a macvlan or ipvlan exchanges none with the lower device itself.
func (s *Snapshot) sharing(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	shares := func(kind string) bool { return kind == plan.MACVLAN || kind == plan.IPVLAN }
	if !shares(l.Kind) {
		return s.eachUpper(l.Ref(), func(u plan.Link) bool { return !shares(u.Kind) || yield(u.Ref(), down(u)) })
	}
	if l.Mode == "source" { // it takes frames only from addresses of its list
		lower, err := s.Link(l.Lower.Node, l.Lower.Link)
		if peer, perr := s.Peer(lower.Node, lower.Name); err == nil && perr == nil {
			return yield(peer, Private{l.Ref(), peer, l.Mode})
		}
	}
	meets := l.Kind == plan.IPVLAN || l.Mode == "bridge"
	more := s.eachUpper(l.Lower, func(u plan.Link) bool {
		if u.Ref() == l.Ref() || u.Kind != l.Kind {
			return true
		}
		if !meets || u.Mode != l.Mode {
			return yield(u.Ref(), Private{l.Ref(), u.Ref(), l.Mode})
		}
		return yield(u.Ref(), down(u))
	})
	lower, err := s.Link(l.Lower.Node, l.Lower.Link)
	if !more || err != nil {
		return more
	}
	return s.cables(lower, yield) && s.ports(lower, yield)
}

// tunnels are the other ends of a vxlan that has remote ones.
func (s *Snapshot) tunnels(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	if l.Kind != plan.VXLAN {
		return true
	}
	for _, r := range s.remotes(l) {
		var lost Obstacle
		if by := s.buried(l, r.addr); by != nil && l.Up {
			lost = by
		}
		for _, owner := range s.owners(r.addr) {
			if !s.vxlansOf(l, owner.Node, lost, yield) {
				return false
			}
		}
	}
	return true
}

// vxlansOf are those of a node at the other end of one; lost is what keeps the packets from
// the node.
func (s *Snapshot) vxlansOf(l plan.Link, node string, lost Obstacle, yield func(plan.Ref, Obstacle) bool) bool {
	links, err := s.Links(node)
	if err != nil {
		return true
	}
	for _, o := range links {
		if o.Kind != plan.VXLAN || o.Ref() == l.Ref() {
			continue
		}
		by := alike(l, o, l.ID == o.ID && l.Port == o.Port)
		if by == nil {
			by = lost
		}
		if !yield(o.Ref(), by) {
			return false
		}
	}
	return true
}

// buried follows the packets of a vxlan, and is the obstacle that keeps them from a
// remote end, nil for none. Each is followed once.
func (s *Snapshot) buried(l plan.Link, to netip.Addr) Obstacle {
	key := tunnelKey{l.Ref(), to}
	if by, ok := s.outer[key]; ok {
		return by
	}
	s.outer[key] = nil // a tunnel in itself
	dev := ""
	if l.Lower.Node == l.Node {
		dev = l.Lower.Link
	}
	p := Packet{Src: l.Local, Dst: to, Proto: "udp", DstPort: uint16(l.Port)}
	if f := newJourney(s).follow(homeOf(l), p, dev); !f.Arrived() {
		s.outer[key] = Buried{l, to, f}
	}
	return s.outer[key]
}

// homeOf is the node that a vxlan sends from: where it was made.
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

// down is the obstacle that an interface is, nil for one that is up.
func down(l plan.Link) Obstacle {
	if l.Up {
		return nil
	}
	return Down{l.Ref()}
}

// cable is what stops frames on a cable.
func (s *Snapshot) cable(l plan.Link, peer plan.Ref) Obstacle {
	other, err := s.Link(peer.Node, peer.Link)
	switch {
	case !l.Up:
		return down(l)
	case err == nil && !other.Up:
		return down(other)
	case !l.Carrier:
		return NoCarrier{l.Ref()}
	}
	return nil
}

// port is what stops frames between a port and its bridge.
func (s *Snapshot) port(p plan.Link) Obstacle {
	bridge, err := s.Link(p.Node, p.Master)
	switch {
	case !p.Up:
		return down(p)
	case err != nil:
		return nil
	case !bridge.Up:
		return down(bridge)
	case p.PortState != "" && p.PortState != "forwarding" && p.Carrier:
		return Blocking{p.Ref(), bridge.Ref(), p.PortState, bridge.STP}
	}
	return nil
}

// firstObstacle is the nearest thing that stops frames from an interface, or nil.
func (s *Snapshot) firstObstacle(from plan.Ref) Obstacle {
	search := s.search(from, wired)
	for _, ok := search.next(); ok && search.blocked == nil; _, ok = search.next() {
	}
	return search.blocked
}
