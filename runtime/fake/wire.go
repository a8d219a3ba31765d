package fake

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// arrival is where a frame got to.
type arrival struct{ node, link string }

// neighbour finds who answers for an address on the segment behind an
// interface: ARP and neighbour discovery in one. A port of a bridge gets no
// answers, they go to the bridge.
func (w *World) neighbour(out plan.Link, addr netip.Addr) (arrival, bool) {
	s := segment{world: w, addr: addr, seen: map[plan.Ref]bool{}}
	if out.Master != "" || !out.Carrier {
		return arrival{}, false
	}
	if out.Kind == "bridge" {
		return s.flood(out, "")
	}
	return s.cross(out)
}

// segment is a search through cables and bridges.
type segment struct {
	world *World
	addr  netip.Addr
	seen  map[plan.Ref]bool
}

// cross follows the cable from an interface to its other end.
func (s *segment) cross(from plan.Link) (arrival, bool) {
	ref := plan.Ref{Node: from.Node, Link: from.Name}
	if s.seen[ref] || !from.Carrier {
		return arrival{}, false
	}
	s.seen[ref] = true
	peer, err := s.world.Peer(from.Node, from.Name)
	if err != nil {
		return arrival{}, false
	}
	end, err := s.world.Link(peer.Node, peer.Link)
	if err != nil {
		return arrival{}, false
	}
	if end.Master == "" {
		return s.at(end)
	}
	bridge, err := s.world.Link(end.Node, end.Master)
	if err != nil || !bridge.Up {
		return arrival{}, false
	}
	if a, ok := s.at(bridge); ok {
		return a, true
	}
	return s.flood(bridge, end.Name)
}

// flood sends on from all ports of a bridge but the one a frame came in by.
func (s *segment) flood(bridge plan.Link, except string) (arrival, bool) {
	links, err := s.world.Links(bridge.Node)
	if err != nil {
		return arrival{}, false
	}
	for _, port := range links {
		if port.Master != bridge.Name || port.Name == except {
			continue
		}
		if a, ok := s.cross(port); ok {
			return a, true
		}
	}
	return arrival{}, false
}

// at asks an interface whether it answers. For IPv4 it does so for every
// address of its node (arp_ignore 0; ip-sysctl.rst), for IPv6 for its own.
func (s *segment) at(l plan.Link) (arrival, bool) {
	owner := slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == s.addr })
	if !owner && s.addr.Is4() {
		r, err := s.world.RouteTo(l.Node, s.addr)
		owner = err == nil && r.Kind == "local"
	}
	return arrival{l.Node, l.Name}, owner && l.Up
}
