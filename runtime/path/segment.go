package path

import (
	"iter"

	"nsl/runtime/plan"
)

// Obstacle is what stops frames between two interfaces of a segment. The union
// is sealed.
type Obstacle interface{ obstacle() }

// NoCarrier means that an interface is up, and so is the other end, but no frames pass.
type NoCarrier struct{ At plan.Ref }

func (Down) obstacle()      {}
func (NoCarrier) obstacle() {}

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
	for n, by := range s.lab.adjacent(r) {
		if _, seen := s.from[n]; !seen && (by == nil || !s.passing) {
			s.from[n] = r
			s.queue = append(s.queue, n)
		}
	}
	return r, true
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
		for n, by := range s.adjacent(r) {
			if n == way[i+1] && by != nil {
				return by, true
			}
		}
	}
	return nil, true
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

// adjacent are the interfaces that frames get to from one in a step, each with
// what stops them, nil for nothing.
func (s *Snapshot) adjacent(r plan.Ref) iter.Seq2[plan.Ref, Obstacle] {
	return func(yield func(plan.Ref, Obstacle) bool) {
		l, err := s.Link(r.Node, r.Link)
		if err != nil {
			return
		}
		if peer, err := s.Peer(r.Node, r.Link); err == nil && !yield(peer, s.cable(l, peer)) {
			return
		}
		if l.Master != "" && !yield(plan.Ref{Node: r.Node, Link: l.Master}, s.port(l)) {
			return
		}
		if l.Kind == "bridge" {
			s.ports(l, yield)
		}
	}
}

// ports are the ports of a bridge.
func (s *Snapshot) ports(bridge plan.Link, yield func(plan.Ref, Obstacle) bool) {
	links, err := s.Links(bridge.Node)
	if err != nil {
		return
	}
	for _, p := range links {
		if p.Master == bridge.Name && !yield(plan.Ref{Node: p.Node, Link: p.Name}, s.port(p)) {
			return
		}
	}
}

// cable is what stops frames on a cable.
func (s *Snapshot) cable(l plan.Link, peer plan.Ref) Obstacle {
	other, err := s.Link(peer.Node, peer.Link)
	switch {
	case !l.Up:
		return Down{plan.Ref{Node: l.Node, Link: l.Name}}
	case err == nil && !other.Up:
		return Down{peer}
	case !l.Carrier:
		return NoCarrier{plan.Ref{Node: l.Node, Link: l.Name}}
	}
	return nil
}

// port is what stops frames between a port and its bridge.
func (s *Snapshot) port(p plan.Link) Obstacle {
	bridge, err := s.Link(p.Node, p.Master)
	switch {
	case !p.Up:
		return Down{plan.Ref{Node: p.Node, Link: p.Name}}
	case err == nil && !bridge.Up:
		return Down{plan.Ref{Node: p.Node, Link: p.Master}}
	}
	return nil
}
