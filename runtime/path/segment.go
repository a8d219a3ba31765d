package path

import (
	"iter"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// Obstacle is what stops frames between two interfaces of a segment. The union
// is sealed.
type Obstacle interface{ obstacle() }

// NoCarrier means that an interface is up, and so is the other end, but no frames pass.
type NoCarrier struct{ At plan.Ref }

// Blocking means that a port of a bridge does not forward. STP is that of the bridge.
type Blocking struct {
	Port, Bridge plan.Ref
	// State is the port's, as bridge(8) names it.
	State string
	STP   bool
}

// Unlike means that two ends of a tunnel, or of a VLAN, do not meet: their identifiers,
// ports or keys differ, or one leads elsewhere.
type Unlike struct{ A, B plan.Link }

// Isolated means that both ports of a bridge are isolated, so that no frames pass between
// them.
type Isolated struct{ A, B, Bridge plan.Ref }

// Unflooded means that a port of a bridge gets no broadcasts (bcast_flood off) or, where
// Multicast is set, no multicasts (mcast_flood off).
type Unflooded struct {
	Port, Bridge plan.Ref
	Multicast    bool
}

// Private means that two macvlans of one lower device exchange no frames in their mode.
type Private struct {
	A, B plan.Ref
	Mode string
}

// Buried means that the packets in which a tunnel sends its frames to a remote end do not
// arrive: Fate is theirs.
type Buried struct {
	Tunnel plan.Link
	Remote netip.Addr
	Fate   Fate
}

// NoNative means that a port of a bridge that filters VLANs takes no frames without a tag.
type NoNative struct{ Port, Bridge plan.Ref }

// NoMember means that a port of a bridge that filters VLANs, or the bridge itself, is not in the
// VLAN of the frame.
type NoMember struct {
	Port, Bridge plan.Ref
	VLAN         int
}

// Tagged means that frames arrive with the tag of a VLAN for which the interface has none on it.
type Tagged struct {
	At   plan.Ref
	VLAN int
	// Service: the tag is that of a provider (IEEE 802.1ad).
	Service bool
}

// Untagged means that frames arrive without a tag, and the interface that they are meant for takes
// those of a VLAN.
type Untagged struct {
	At, Upper plan.Ref
	VLAN      int
}

// Unreplicated means that a vxlan has no entry for frames to hardware addresses that it does
// not know, nor for broadcasts.
type Unreplicated struct{ Tunnel plan.Ref }

func (Down) obstacle()         {}
func (Isolated) obstacle()     {}
func (Unflooded) obstacle()    {}
func (Private) obstacle()      {}
func (Buried) obstacle()       {}
func (Unreplicated) obstacle() {}
func (NoCarrier) obstacle()    {}
func (Blocking) obstacle()     {}
func (Unlike) obstacle()       {}
func (NoNative) obstacle()     {}
func (NoMember) obstacle()     {}
func (Tagged) obstacle()       {}
func (Untagged) obstacle()     {}

// Segment are the interfaces that share a segment with one, itself first, the
// nearest before others: through cables and bridges, whether they are up or not.
func Segment(v plan.View, from plan.Ref) iter.Seq[plan.Ref] {
	s := Of(v).search(from, wired)
	return func(yield func(plan.Ref) bool) {
		for r, ok := s.next(); ok; r, ok = s.next() {
			if !yield(r) {
				return
			}
		}
	}
}

// SameSegment reports whether two interfaces share a segment.
func SameSegment(v plan.View, a, b plan.Ref) bool {
	for r := range Segment(v, a) {
		if r == b {
			return true
		}
	}
	return false
}

// search spreads a frame from an interface, breadth first.
type search struct {
	lab   *Snapshot
	how   spreading
	queue []place
	// from is how each place was reached.
	from map[place]step
	// blocked is the first obstacle that was met that does not only keep VLANs apart.
	blocked Obstacle
}

// spreading says past which obstacles a frame spreads.
type spreading int

const (
	// passing: past none.
	passing spreading = iota
	// wired: past those that may go, but not from one VLAN or tunnel to another.
	wired
	// anywhere: past all.
	anywhere
)

// step is where a frame was before, and what stops it on the way.
type step struct {
	from place
	by   Obstacle
}

func (s *Snapshot) search(from plan.Ref, how spreading) *search {
	start := place{Ref: from}
	return &search{lab: s, how: how, queue: []place{start}, from: map[place]step{start: {}}}
}

// next is the next interface that gets the frame.
func (s *search) next() (plan.Ref, bool) {
	for len(s.queue) > 0 {
		p := s.queue[0]
		s.queue = s.queue[1:]
		s.spread(p)
		if p.plain() {
			return p.Ref, true
		}
	}
	return plan.Ref{}, false
}

// spread takes the frame one step further.
func (s *search) spread(p place) {
	for n, by := range s.lab.steps(p, s.from[p].from) {
		if by != nil {
			by = s.named(p, n, by)
			if s.blocked == nil && !separates(by) {
				s.blocked = by
			}
		}
		passes := by == nil || s.how == anywhere || s.how == wired && !separates(by)
		if _, seen := s.from[n]; !seen && passes {
			s.from[n] = step{p, by}
			s.queue = append(s.queue, n)
		}
	}
}

// named says which interface has given a frame the tag that no other one takes.
func (s *search) named(p, n place, by Obstacle) Obstacle {
	to, err := s.lab.Link(n.Node, n.Link)
	if _, is := by.(Tagged); !is || err != nil || to.Kind != plan.VLAN {
		return by
	}
	for q := p; q.Link != ""; q = s.from[q].from {
		if l, err := s.lab.Link(q.Node, q.Link); err == nil && l.Kind == plan.VLAN && push(q.tags, tagOf(l)) == p.tags {
			return Unlike{l, to}
		}
	}
	return by
}

// isolated is the obstacle between two ports of a bridge that are both isolated.
func (s *Snapshot) isolated(from, bridge, to plan.Ref) Obstacle {
	port := func(r plan.Ref) bool {
		l, err := s.Link(r.Node, r.Link)
		return err == nil && l.Isolated && r.Node == bridge.Node && l.Master == bridge.Link
	}
	if from.Link == "" || from == to || !port(from) || !port(to) {
		return nil
	}
	return Isolated{from, to, bridge}
}

// reach goes on until the frame reaches an interface.
func (s *search) reach(to plan.Ref) bool {
	for r, ok := s.next(); ok; r, ok = s.next() {
		if r == to {
			return true
		}
	}
	return false
}

// places are those from the first to an interface that was reached, both included.
func (s *search) places(to plan.Ref) []place {
	var list []place
	for p := (place{Ref: to}); p.Link != ""; p = s.from[p].from {
		list = append(list, p)
	}
	slices.Reverse(list)
	return list
}

// way are the interfaces from the first to one that was reached, both included. What is
// under an interface for a VLAN is a part of that, unless it is a bridge.
func (s *search) way(to plan.Ref) []plan.Ref {
	var list []plan.Ref
	places := s.places(to)
	for i, p := range places {
		l, err := s.lab.Link(p.Node, p.Link)
		isUnder := func(j int) bool {
			if j < 0 || j >= len(places) {
				return false
			}
			upper, err := s.lab.Link(places[j].Node, places[j].Link)
			return err == nil && upper.Kind == plan.VLAN && upper.Lower == p.Ref
		}
		part := err == nil && l.Kind != "bridge" && (isUnder(i-1) || isUnder(i+1))
		if !part && (len(list) == 0 || list[len(list)-1] != p.Ref) {
			list = append(list, p.Ref)
		}
	}
	return list
}

// obstacle is the first thing that stops frames from one interface to another of
// its segment; ok is false where they are not on one.
func (s *Snapshot) obstacle(from, to plan.Ref) (by Obstacle, ok bool) {
	search := s.search(from, anywhere)
	if !search.reach(to) {
		return nil, false
	}
	for _, p := range search.places(to) {
		if by := search.from[p].by; by != nil {
			return by, true
		}
	}
	return nil, true
}

// vlanTag is what a frame may be larger than an interface's MTU, in bytes
// (VLAN_HLEN; __is_skb_forwardable, <linux/netdevice.h>).
const vlanTag = 4

// fits finds an interface on the way of a frame that takes none of its size; a
// packet is sent in fragments that fit the interface that it leaves by.
func (s *Snapshot) fits(way []plan.Ref, size int) End {
	l, err := s.Link(way[0].Node, way[0].Link)
	if size == 0 || err != nil {
		return nil
	}
	size = min(size, l.MTU)
	for i, r := range way[1:] {
		l, err := s.Link(r.Node, r.Link)
		passes := err == nil && l.Kind == "bridge" && i+2 < len(way) // its ports decide
		if err == nil && !passes && size > l.MTU+vlanTag {
			return TooBig{r, l.MTU, size}
		}
	}
	return nil
}

// between are the interfaces that a frame passes from one to another; nil where it
// does not get there.
func (s *Snapshot) between(from, to plan.Ref) []plan.Ref {
	search := s.search(from, passing)
	if !search.reach(to) {
		return nil
	}
	return search.way(to)
}
