package path

import (
	"iter"

	"nsl/runtime/plan"
)

// place is an interface, and what tags a frame has there (IEEE 802.1Q, 802.1ad).
type place struct {
	plan.Ref
	// tags are the VLANs, the outermost one in the lowest 13 bits; 0 is a frame without any.
	tags int
	// inside: between the ports of a bridge that filters VLANs, where each frame is in one,
	// the outermost of tags.
	inside bool
}

// plain reports whether the interface itself gets the frame.
func (p place) plain() bool { return p.tags == 0 && !p.inside }

// A tag is the number of a VLAN, with one more bit for a provider's (IEEE 802.1ad).
const (
	tagBits    = 13
	serviceTag = 1 << 12
)

// tagOf is the tag of what leaves by a vlan.
func tagOf(l plan.Link) int {
	if l.Service {
		return l.ID | serviceTag
	}
	return l.ID
}

func push(tags, vlan int) int { return tags<<tagBits | vlan }
func pop(tags int) int        { return tags >> tagBits }
func top(tags int) int        { return tags & (1<<tagBits - 1) }

// steps are the places that a frame gets to from one in a step, each with what stops it,
// nil for nothing; from is where it was before. What stops a frame because of its VLAN lets
// it go on as if the port took all.
func (s *Snapshot) steps(p, from place) iter.Seq2[place, Obstacle] {
	return func(yield func(place, Obstacle) bool) {
		l, err := s.Link(p.Node, p.Link)
		if err != nil {
			return
		}
		if p.inside {
			s.outOf(l, p, from, yield)
			return
		}
		sends := s.sends(l, p, from)
		for n, by := range s.adjacent(p.Ref) {
			if !sends && s.sentBack(l, n) {
				continue
			}
			if by == nil {
				by = s.isolated(from.Ref, p.Ref, n)
			}
			next, by, ok := s.across(l, n, p.tags, by)
			if ok && !yield(next, by) {
				return
			}
		}
		s.stacked(l, p, sends, yield)
	}
}

// sentBack reports whether a frame that an interface has received would go back from it: over
// its cable, or from a bond to one of its members.
func (s *Snapshot) sentBack(l plan.Link, to plan.Ref) bool {
	if peer, err := s.Peer(l.Node, l.Name); err == nil && to == peer {
		return true
	}
	m, err := s.Link(to.Node, to.Link)
	return l.Kind == plan.Bond && err == nil && isMemberOf(m, l)
}

// across is a frame that goes from an interface to another one; it reports false where the
// inside of a bridge is between the two.
func (s *Snapshot) across(l plan.Link, to plan.Ref, tags int, by Obstacle) (place, Obstacle, bool) {
	other, err := s.Link(to.Node, to.Link)
	next := place{Ref: to, tags: tags}
	switch {
	case err != nil:
	case other.VLANFiltering && isPortOf(l, other):
		next, by = into(l, other, tags, by)
	case l.VLANFiltering && isPortOf(other, l):
		return next, by, false
	}
	return next, by, true
}

func isPortOf(port, bridge plan.Link) bool {
	return port.Node == bridge.Node && port.Master != "" && port.Master == bridge.Name
}

// sends reports whether an interface puts a frame on its cable that it has from another: its
// own, that of a VLAN on it, or as a port one of its bridge. One that it has received it does
// not send back.
func (s *Snapshot) sends(l plan.Link, p, from place) bool {
	if from.Ref == (plan.Ref{}) || from.Ref == (plan.Ref{Node: l.Node, Link: l.Taker()}) {
		return true
	}
	above, err := s.Link(from.Node, from.Link)
	return err == nil && above.Kind == plan.VLAN && above.Lower == p.Ref
}

// into is a frame that comes into a bridge that filters VLANs by a port, or from the
// interface of the bridge itself.
func into(port, bridge plan.Link, tags int, by Obstacle) (place, Obstacle) {
	next := place{Ref: bridge.Ref(), tags: tags, inside: true}
	if tags == 0 || top(tags)&serviceTag != 0 { // a tag of another protocol is none
		native := plan.NativeVLAN(port.VLANs)
		if native == 0 && by == nil {
			by = NoNative{port.Ref(), bridge.Ref()}
		}
		if next.tags = tags; native != 0 {
			next.tags = push(tags, native)
		}
		return next, by
	}
	if _, member := plan.FindVLAN(port.VLANs, top(tags)); !member && by == nil {
		by = NoMember{port.Ref(), bridge.Ref(), top(tags)}
	}
	return next, by
}

// outOf is a frame that leaves a bridge that filters VLANs by each of its ports, and to the
// interface of the bridge itself.
func (s *Snapshot) outOf(bridge plan.Link, p, from place, yield func(place, Obstacle) bool) {
	leave := func(port plan.Link, by Obstacle) bool {
		v, member := plan.FindVLAN(port.VLANs, top(p.tags))
		next := place{Ref: port.Ref(), tags: p.tags}
		if !member || v.Untagged {
			next.tags = pop(p.tags)
		}
		if by == nil {
			by = s.isolated(from.Ref, p.Ref, port.Ref())
		}
		if !member && by == nil {
			by = NoMember{port.Ref(), bridge.Ref(), top(p.tags)}
		}
		return yield(next, by)
	}
	more := s.ports(bridge, func(r plan.Ref, by Obstacle) bool {
		port, err := s.Link(r.Node, r.Link)
		return err != nil || leave(port, by)
	})
	if more {
		leave(bridge, down(bridge))
	}
}

// stacked are the steps between an interface and those for its VLANs.
func (s *Snapshot) stacked(l plan.Link, p place, sends bool, yield func(place, Obstacle) bool) {
	if l.VLANFiltering && sends {
		next, by := into(l, l, p.tags, down(l))
		if !yield(next, by) {
			return
		}
	}
	if lower, ok := s.under(l); ok && l.Kind == plan.VLAN && sends {
		by := down(l)
		if by == nil {
			by = down(lower)
		}
		if !yield(place{Ref: lower.Ref(), tags: push(p.tags, tagOf(l))}, by) {
			return
		}
	}
	if sends {
		return
	}
	more := s.eachUpper(l.Ref(), func(u plan.Link) bool {
		return u.Kind != plan.VLAN || yield(place{Ref: u.Ref(), tags: pop(p.tags)}, taken(l, u, p.tags))
	})
	if more && p.tags != 0 && l.Master == "" {
		yield(place{Ref: l.Ref()}, tagged(l, p.tags))
	}
}

// taken is what keeps a frame that an interface received from one for a VLAN on it.
func taken(l, upper plan.Link, tags int) Obstacle {
	switch {
	case tags == 0:
		return Untagged{l.Ref(), upper.Ref(), upper.ID}
	case top(tags) != tagOf(upper):
		return tagged(l, tags)
	}
	return down(upper)
}

func tagged(l plan.Link, tags int) Obstacle {
	return Tagged{l.Ref(), top(tags) &^ serviceTag, top(tags)&serviceTag != 0}
}

// separates reports whether an obstacle keeps two segments apart that share a wire.
func separates(by Obstacle) bool {
	switch by.(type) {
	case Unlike, NoNative, NoMember, Tagged, Untagged:
		return true
	}
	return false
}
