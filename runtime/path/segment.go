package path

import (
	"iter"
	"net/netip"

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

// Unlike means that two ends of a tunnel, or of a VLAN, do not meet: their identifiers
// or ports differ.
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

// Segment are the interfaces that share a segment with one, itself first, the
// nearest before others: through cables and bridges, whether they are up or not.
func Segment(v plan.View, from plan.Ref) iter.Seq[plan.Ref] {
	s := Of(v).search(from, false)
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
	lab *Snapshot
	// passing: only where frames pass now.
	passing bool
	queue   []plan.Ref
	// from is where each interface was reached from.
	from map[plan.Ref]plan.Ref
}

func (s *Snapshot) search(from plan.Ref, passing bool) *search {
	return &search{lab: s, passing: passing, queue: []plan.Ref{from}, from: map[plan.Ref]plan.Ref{from: {}}}
}

// next is the next interface that the frame reaches.
func (s *search) next() (plan.Ref, bool) {
	if len(s.queue) == 0 {
		return plan.Ref{}, false
	}
	r := s.queue[0]
	s.queue = s.queue[1:]
	sends := s.lab.sends(r, s.from[r])
	for n, by := range s.lab.adjacent(r) {
		if peer, err := s.lab.Peer(r.Node, r.Link); !sends && err == nil && n == peer {
			continue
		}
		if by == nil {
			by = s.lab.isolated(s.from[r], r, n)
		}
		if _, seen := s.from[n]; !seen && (by == nil || !s.passing) {
			s.from[n] = r
			s.queue = append(s.queue, n)
		}
	}
	return r, true
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

// sends reports whether an interface puts a frame on its cable that it has from
// another: its own, or as a port one of its bridge. One that it has received it
// does not send back.
func (s *Snapshot) sends(r, from plan.Ref) bool {
	l, err := s.Link(r.Node, r.Link)
	return from == (plan.Ref{}) || err == nil && from == plan.Ref{Node: r.Node, Link: l.Master}
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

// way are the interfaces from the first to one that was reached, both included.
func (s *search) way(to plan.Ref) []plan.Ref {
	var list []plan.Ref
	for r := to; r != (plan.Ref{}); r = s.from[r] {
		list = append([]plan.Ref{r}, list...)
	}
	return list
}

// obstacle is the first thing that stops frames from one interface to another of
// its segment; ok is false where they are not on one.
func (s *Snapshot) obstacle(from, to plan.Ref) (by Obstacle, ok bool) {
	search := s.search(from, false)
	if !search.reach(to) {
		return nil, false
	}
	way := search.way(to)
	for i, r := range way[:len(way)-1] {
		if i > 0 {
			if by := s.isolated(way[i-1], r, way[i+1]); by != nil {
				return by, true
			}
		}
		for n, by := range s.adjacent(r) {
			if n == way[i+1] && by != nil {
				return by, true
			}
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
	search := s.search(from, true)
	if !search.reach(to) {
		return nil
	}
	return search.way(to)
}

// firstObstacle is the nearest thing that stops frames from an interface, or nil.
func (s *Snapshot) firstObstacle(from plan.Ref) Obstacle {
	search := s.search(from, false)
	for r, ok := search.next(); ok; r, ok = search.next() {
		for _, by := range s.adjacent(r) {
			if by != nil {
				return by
			}
		}
	}
	return nil
}
