package path

import (
	"net/netip"

	"nsl/runtime/plan"
)

// neighbour finds the interface that answers for an address on the segment of
// another (ARP and neighbour discovery in one), or how the packet ends there.
func (s *Snapshot) neighbour(out plan.Ref, addr netip.Addr) (plan.Ref, End) {
	l, err := s.Link(out.Node, out.Link)
	switch {
	case err != nil:
		return plan.Ref{}, Unknown{out.Node, err}
	case !l.Up:
		return plan.Ref{}, Down{out}
	case l.Master != "":
		owners := s.owners(addr)
		return plan.Ref{}, NoNeighbour{out, addr, owners, Port{plan.Ref{Node: out.Node, Link: l.Master}}}
	}
	search := s.search(out, true)
	for r, ok := search.next(); ok; r, ok = search.next() {
		if r != out && s.answers(r, addr) {
			return r, nil
		}
	}
	owners := s.owners(addr)
	return plan.Ref{}, NoNeighbour{out, addr, owners, s.cause(out, owners)}
}

// answers reports whether an interface that hears a question for an address
// answers it. For IPv4 it does so for every address of its node (arp_ignore 0;
// ip-sysctl.rst), for IPv6 for its own. A port hears nothing, its bridge does.
func (s *Snapshot) answers(r plan.Ref, addr netip.Addr) bool {
	l, err := s.Link(r.Node, r.Link)
	if err != nil || !l.Up || l.Master != "" {
		return false
	}
	return has(l, addr) || addr.Is4() && s.isOwn(r.Node, addr)
}

// cause finds out why no answer comes.
func (s *Snapshot) cause(out plan.Ref, owners []plan.Ref) Cause {
	if len(owners) == 0 {
		return Unowned{s.firstObstacle(out)}
	}
	for _, o := range owners {
		switch by, same := s.obstacle(out, o); {
		case !same:
		case by != nil:
			return Blocked{by}
		default:
			return Mute{o}
		}
	}
	return Apart{}
}
