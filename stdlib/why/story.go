package why

import (
	"fmt"
	"slices"
	"time"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Story is what was seen of a request and of its answer, as lines for people: the
// time, the node, the interface, the addresses there, and what the node decided.
// Far says how far it got, and contradicted that by the state of the lab it ended at
// another node.
func Story(env *verb.Env, r Request, seen []plan.Sighting) (lines []string, far string, contradicted bool) {
	q := inquire(env, r, "")
	list := q.ofOne(seen)
	nodes, links := 0, 0
	for _, s := range list {
		nodes, links = max(nodes, len(s.Node)), max(links, len(q.passing(s)))
	}
	for _, s := range list {
		lines = append(lines, fmt.Sprintf("  %7.3f ms  %-*s  %-*s  %s -> %s  %s%s", millis(s.At.Sub(list[0].At)),
			nodes, s.Node, links, q.passing(s), spot(s.Src), spot(s.Dst), s.What, q.decided(s)))
	}
	return lines, q.farthest(list), q.contradicts(list)
}

// RuleThatStops is the rule of a packet filter that stops a request or its reply, as a
// reason names it; "" if none does.
func RuleThatStops(env *verb.Env, r Request) string {
	q := inquire(env, r, "")
	e, ok := lastEnd(q.Exchange).(path.Filtered)
	if !ok {
		return ""
	}
	rule, _ := q.ruleOf(e)
	return rule
}

// Nodes are those that have a part in an exchange by the state of the lab: the hops
// of both ways, and the bridges between them.
func Nodes(env *verb.Env, r Request) []string {
	q := inquire(env, r, "")
	hops := slices.Clone(q.Request.Hops)
	if q.Reply != nil {
		hops = append(hops, q.Reply.Hops...)
	}
	var nodes []string
	for _, h := range hops {
		nodes = append(nodes, h.Node)
		for at := range path.Segment(q.snap, plan.Ref{Node: h.Node, Link: h.Out}) {
			if l, err := q.snap.Link(at.Node, at.Link); err == nil && l.Kind == "bridge" {
				nodes = append(nodes, at.Node)
			}
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ofOne are the sightings of the first request that the node sent, of its answer
// and of errors about it, in the order in which they happened.
func (q *inquiry) ofOne(seen []plan.Sighting) []plan.Sighting {
	p := q.asked.packet
	first := slices.IndexFunc(seen, func(s plan.Sighting) bool {
		return s.Node == q.asked.node && s.Out && s.Proto == p.Proto && isRequest(s) && s.Dst.Addr().Is6() == p.Dst.Is6()
	})
	if first < 0 {
		return nil
	}
	return q.ordered(slices.DeleteFunc(slices.Clone(seen), func(s plan.Sighting) bool { return s.ID != seen[first].ID }))
}

// ordered merges the sightings of the nodes by their times. The clocks of processors
// may differ by some microseconds: what comes in by a cable was sent before.
func (q *inquiry) ordered(list []plan.Sighting) []plan.Sighting {
	var merged []plan.Sighting
	for len(list) > 0 {
		next := -1
		for i, s := range list {
			waits := slices.ContainsFunc(list[:i], func(o plan.Sighting) bool { return o.Node == s.Node })
			if !waits && !q.early(s, merged, list) && (next < 0 || s.At.Before(list[next].At)) {
				next = i
			}
		}
		next = max(next, 0)
		s := list[next]
		if n := len(merged); n > 0 && s.At.Before(merged[n-1].At) {
			s.At = merged[n-1].At
		}
		merged = append(merged, s)
		list = slices.Delete(list, next, next+1)
	}
	return merged
}

// early reports whether a sighting is at the end of a cable, and the packet was not
// sent there yet: the one that was seen before it may be another, sent again.
func (q *inquiry) early(s plan.Sighting, merged, pending []plan.Sighting) bool {
	ahead := 0
	for _, o := range merged {
		if q.sends(o, s) {
			ahead++
		} else if o.Node == s.Node && o.Index == s.Index && o.Out == s.Out && o.What == s.What {
			ahead--
		}
	}
	return ahead <= 0 && slices.ContainsFunc(pending, func(o plan.Sighting) bool { return q.sends(o, s) })
}

// sends reports whether a sighting is what another one is at the other end of the
// cable.
func (q *inquiry) sends(out, in plan.Sighting) bool {
	if !out.Out || in.Out || out.What != in.What || out.Src != in.Src || out.Dst != in.Dst {
		return false
	}
	peer, err := q.snap.Peer(out.Node, q.link(out))
	return err == nil && peer == plan.Ref{Node: in.Node, Link: q.link(in)}
}

func isRequest(s plan.Sighting) bool { return s.What == "echo request" || s.What == "SYN" }

// link is the name of the interface that a packet passed.
func (q *inquiry) link(s plan.Sighting) string {
	links, err := q.snap.Links(s.Node)
	i := slices.IndexFunc(links, func(l plan.Link) bool { return l.Index == s.Index })
	if err != nil || i < 0 {
		return fmt.Sprintf("interface %d", s.Index)
	}
	return links[i].Name
}

func (q *inquiry) passing(s plan.Sighting) string {
	if s.Out {
		return "out by " + q.link(s)
	}
	return "in by " + q.link(s)
}

// decided is the route, and the rule that translated the packet, where a node sends
// it out.
func (q *inquiry) decided(s plan.Sighting) string {
	f := q.Request
	if !isRequest(s) {
		if q.Reply == nil {
			return ""
		}
		f = *q.Reply
	}
	for _, h := range f.Hops {
		if s.Out && h.Node == s.Node && h.Out == q.link(s) {
			return "  (" + q.choice(h) + translations(h, false) + translations(h, true) + ")"
		}
	}
	return ""
}

// farthest says where the packet, or its answer, was seen for the last time.
func (q *inquiry) farthest(list []plan.Sighting) string {
	if len(list) == 0 {
		return "the packet never left " + q.asked.node
	}
	s := list[len(list)-1]
	what := "the packet"
	if !isRequest(s) {
		if what = "the answer"; s.Node == q.asked.node && !s.Out {
			return "" // it is what the node was answered
		}
	}
	link := q.link(s)
	if !s.Out {
		return fmt.Sprintf("%s reached %s by %s, and was not seen again", what, s.Node, link)
	}
	if peer, err := q.snap.Peer(s.Node, link); err == nil {
		return fmt.Sprintf("%s left %s by %s, and was never seen at %s", what, s.Node, link, peer.Node)
	}
	return fmt.Sprintf("%s left %s by %s, and was not seen again", what, s.Node, link)
}

// contradicts reports whether what was seen ended at another node than the state of
// the lab says. What ends on a segment is seen at any of its nodes.
func (q *inquiry) contradicts(list []plan.Sighting) bool {
	f, back := q.Request, q.Request.Arrived() && q.Reply != nil
	if back {
		f = *q.Reply
	}
	switch f.End.(type) {
	case path.NoNeighbour, path.TooBig, path.Down:
		return false
	}
	last := q.asked.node
	for _, s := range list {
		if isRequest(s) || back {
			last = s.Node
		}
	}
	return last != f.Node()
}
