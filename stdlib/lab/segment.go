package lab

import (
	"iter"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// SameSegment reports whether frames from one interface reach the other:
// through a cable, and bridges on the way.
func SameSegment(view verb.Lab, from, to plan.Ref) bool {
	for r := range Segment(view, from) {
		if r == to {
			return true
		}
	}
	return false
}

// Segment are the interfaces that frames from one reach, itself first.
func Segment(view verb.Lab, from plan.Ref) iter.Seq[plan.Ref] {
	return func(yield func(plan.Ref) bool) {
		seen := map[plan.Ref]bool{from: true}
		queue := []plan.Ref{from}
		for len(queue) > 0 {
			r := queue[0]
			queue = queue[1:]
			if !yield(r) {
				return
			}
			for _, n := range adjacent(view, r) {
				if !seen[n] {
					seen[n] = true
					queue = append(queue, n)
				}
			}
		}
	}
}

// adjacent are the interfaces that share a cable or a bridge with one.
func adjacent(view verb.Lab, r plan.Ref) []plan.Ref {
	var out []plan.Ref
	l, err := view.Link(r.Node, r.Link)
	if err != nil {
		return nil
	}
	if peer, err := view.Peer(r.Node, r.Link); err == nil {
		out = append(out, peer)
	}
	if l.Master != "" {
		out = append(out, plan.Ref{Node: r.Node, Link: l.Master})
	}
	if l.Kind == "bridge" {
		links, _ := view.Links(r.Node)
		for _, p := range links {
			if p.Master == l.Name {
				out = append(out, plan.Ref{Node: r.Node, Link: p.Name})
			}
		}
	}
	return out
}
