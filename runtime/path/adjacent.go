package path

import (
	"iter"

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
		for _, steps := range []func(plan.Link, func(plan.Ref, Obstacle) bool) bool{s.cables, s.ports, s.members, s.sharing, s.tunnels} {
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
