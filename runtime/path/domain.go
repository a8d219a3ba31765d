package path

import "nsl/runtime/plan"

// domain is a segment as a whole, whether its interfaces are up or not.
type domain struct {
	// open: it has an interface of which the lab does not show where frames go.
	open bool
}

// MayShare reports whether two interfaces are on one segment, joined by cables,
// bridges and lower devices, up or not. It is also true where that cannot be known,
// because both segments have an interface that the lab does not see the other side
// of, such as a tap or another program's tunnel.
func MayShare(v plan.View, a, b plan.Ref) bool {
	s := Of(v)
	if s.uplink(a) == s.uplink(b) {
		return true
	}
	x, y := s.domainOf(a), s.domainOf(b)
	return x == y || x.open && y.open
}

// uplink is the bridge that an interface is connected to, or one end of the cable
// for both: the usual answer to MayShare without a search.
func (s *Snapshot) uplink(r plan.Ref) plan.Ref {
	l, err := s.Link(r.Node, r.Link)
	switch {
	case err != nil || l.Kind == "bridge":
		return r
	case len(l.VLANs) > 0:
		return r
	case l.Master != "":
		return plan.Ref{Node: r.Node, Link: l.Master}
	}
	peer, err := s.Peer(r.Node, r.Link)
	if err != nil {
		return r
	}
	if other, err := s.Link(peer.Node, peer.Link); err == nil && other.Master != "" && len(other.VLANs) == 0 {
		return plan.Ref{Node: peer.Node, Link: other.Master}
	}
	if peer.String() < r.String() {
		return peer
	}
	return r
}

// domainOf finds the segment of an interface, and of all others on it. A macvlan or
// ipvlan is on that of its lower device, although the two exchange no frames.
func (s *Snapshot) domainOf(from plan.Ref) *domain {
	if d := s.domains[from]; d != nil {
		return d
	}
	d := &domain{}
	s.domains[from] = d
	search := s.search(from, wired)
	for len(search.queue) > 0 {
		p := search.queue[0]
		search.queue = search.queue[1:]
		d.open = d.open || s.open(p.Ref)
		search.spread(p)
		if p.plain() && s.domains[p.Ref] == nil {
			s.domains[p.Ref] = d
		}
		l, err := s.Link(p.Node, p.Link)
		under := place{Ref: l.Lower, tags: p.tags}
		if _, seen := search.from[under]; err == nil && !seen && (l.Kind == plan.MACVLAN || l.Kind == plan.IPVLAN) {
			search.from[under] = step{}
			search.queue = append(search.queue, under)
		}
	}
	return d
}

// open reports whether the lab does not show where the frames of an interface go.
func (s *Snapshot) open(r plan.Ref) bool {
	l, err := s.Link(r.Node, r.Link)
	switch {
	case err != nil:
		return true
	case l.Name == plan.Loopback:
		return false
	}
	switch l.Kind {
	case "bridge", plan.Dummy, plan.MACVLAN, plan.IPVLAN, plan.VLAN, plan.Bond:
		return false
	case "veth":
		_, err := s.Peer(r.Node, r.Link)
		return err != nil
	}
	return true
}
