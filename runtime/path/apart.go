package path

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// apart finds where an owner is, if not on the segment.
func (s *Snapshot) apart(out plan.Ref, owners []plan.Ref) Cause {
	links, _ := s.Links(out.Node)
	here, err := s.Link(out.Node, out.Link)
	for _, l := range links {
		if err == nil && here.Kind == "bridge" && l.Kind == "veth" && !numbered(l) {
			continue // it has lost its bridge
		}
		for _, o := range owners {
			if l.Ref() != out && l.Ref() != o && SameSegment(s, l.Ref(), o) {
				return Apart{Elsewhere: l.Ref()}
			}
		}
	}
	for _, o := range owners {
		for _, ends := range [][2]plan.Ref{{out, o}, {o, out}} {
			if c, ok := s.detached(ends[0], ends[1]); ok {
				return c
			}
		}
	}
	return s.switched(out, owners)
}

// switched finds the port of a bridge where the cable of an owner ends that is a port of another
// bridge, on the segment of the interface that asks, of the same node.
func (s *Snapshot) switched(out plan.Ref, owners []plan.Ref) Apart {
	port := func(of plan.Ref) (plan.Link, bool) {
		peer, err := s.Peer(of.Node, of.Link)
		if err != nil {
			return plan.Link{}, false
		}
		l, err := s.Link(peer.Node, peer.Link)
		return l, err == nil && l.Master != ""
	}
	here, ok := port(out)
	for _, o := range owners {
		if there, found := port(o); ok && found && here.Node == there.Node && here.Master != there.Master {
			bridge := func(l plan.Link) plan.Ref { return plan.Ref{Node: l.Node, Link: l.Master} }
			return Apart{Detached: there.Ref(), Of: o, Bridge: bridge(here), Other: bridge(there)}
		}
	}
	return Apart{}
}

// detached finds the interface at the end of a segment that is beside a bridge of another
// one, but none of its ports.
func (s *Snapshot) detached(whole, loose plan.Ref) (c Apart, ok bool) {
	bridges := map[string]plan.Ref{}
	for r := range Segment(s, whole) {
		if l, err := s.Link(r.Node, r.Link); err == nil && l.Kind == "bridge" {
			bridges[r.Node] = r
		}
	}
	for r := range Segment(s, loose) {
		l, err := s.Link(r.Node, r.Link)
		if bridge, ok := bridges[r.Node]; ok && err == nil && r != loose && l.Master == "" && (l.Kind == "veth" || plan.KindOf(l.Kind).Tunnel) && !numbered(l) {
			return Apart{Detached: r, Of: loose, Bridge: bridge}, true
		}
	}
	return Apart{}, false
}

// numbered reports whether an interface has an address that is not of the link only.
func numbered(l plan.Link) bool {
	return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return !p.Addr().IsLinkLocalUnicast() })
}
