package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// downTowards finds an interface that is down, or whose other end is, and that leads to
// dst: it is on its subnet, or a node after it reaches it; else any that is
// down where none is up.
func (q *inquiry) downTowards(node string, dst netip.Addr) bool {
	links, _ := q.snap.Links(node)
	var last plan.Ref
	up := false
	for _, l := range links {
		at, broken := q.brokenEnd(l)
		switch {
		case l.Name == plan.Loopback:
		case !broken:
			up = true
		case slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Contains(dst) }) || q.leads(l.Ref(), dst):
			q.down(at)
			return true
		default:
			last = at
		}
	}
	if up || last.Node == "" {
		return false
	}
	q.down(last)
	return true
}

// brokenEnd is the end of an interface's cable that is down: its own, or the other.
func (q *inquiry) brokenEnd(l plan.Link) (plan.Ref, bool) {
	if !l.Up {
		return l.Ref(), true
	}
	peer, err := q.snap.Peer(l.Node, l.Name)
	if err != nil {
		return peer, false
	}
	other, err := q.snap.Link(peer.Node, peer.Link)
	return peer, err == nil && !other.Up
}

// leads reports whether a node on the segment of an interface that is down reaches an
// address without the node itself.
func (q *inquiry) leads(at plan.Ref, dst netip.Addr) bool {
	for r := range path.Segment(q.snap, at) {
		if r.Node == at.Node {
			continue
		}
		f := path.Ask(q.snap, r.Node, path.Packet{Dst: dst, Proto: "icmp"}, "").Request
		passes := func(h path.Hop) bool { return h.Node == at.Node }
		if f.Arrived() && !slices.ContainsFunc(f.Hops, passes) {
			return true
		}
	}
	return false
}

// asker is the node that the packet began at.
func (q *inquiry) asker(f path.Fate, otherwise string) string {
	if len(f.Hops) == 0 {
		return otherwise
	}
	return f.Hops[0].Node
}

// unused finds a route to the destination that the node has and does not use, or one of
// its own subnets that has none.
func (q *inquiry) unused(e path.NoRoute, back bool) bool {
	what := "packets to " + e.Dst.String()
	if back {
		what = "the reply to " + e.Dst.String()
	}
	if r, ok := path.Thrown(q.snap, e.Node, plan.RouteQuery{Dst: e.Dst}); ok {
		q.stop(fmt.Sprintf("%s has no route for %s: its route %s ends the search in its table", e.Node, what, r), fmt.Sprintf("delete it: exec %s ip route del %s", e.Node, r))
		return true
	}
	if q.suppressed(e, what) || q.orphaned(e, what) {
		return true
	}
	if _, r := path.Decider(q.snap, e.Node, plan.RouteQuery{Dst: e.Dst}); len(r.Hops) > 0 {
		q.stop(fmt.Sprintf("%s does not use its route %s for %s: no policy rule leads to its table", e.Node, routeWords(r), what), fmt.Sprintf("compare: exec %s ip rule show", e.Node))
		return true
	}
	links, err := q.snap.Links(e.Node)
	if err != nil {
		return false
	}
	for _, l := range links {
		for _, a := range l.Addrs {
			if l.Up && a.Contains(e.Dst) && !a.IsSingleIP() {
				q.stop(fmt.Sprintf("%s has the address %s, but %s has no route to its subnet (noprefixroute)", l.Ref(), a, e.Node),
					q.advise("add one", fmt.Sprintf("route %s %s dev %s", e.Node, a.Masked(), l.Name)))
				return true
			}
		}
	}
	return false
}

// suppressed finds a route that is not used because the policy rule that leads to it leaves
// out prefixes of its length.
func (q *inquiry) suppressed(e path.NoRoute, what string) bool {
	rule, r, ok := path.Suppressed(q.snap, e.Node, plan.RouteQuery{Dst: e.Dst})
	if ok {
		q.stop(fmt.Sprintf("%s does not use its route %s for %s: %s", e.Node, routeWords(r), what, suppressedBy(rule)), lookAtRules(e.Node))
	}
	return ok
}

func suppressedBy(rule plan.Rule) string {
	words := strings.Replace(ruleWords(rule), fmt.Sprintf("table %d", plan.MainTable), "table main", 1)
	return "its rule leaves out routes with prefixes of at most that length: " + words
}

// orphaned finds a route in a table to which no policy rule leads.
func (q *inquiry) orphaned(e path.NoRoute, what string) bool {
	r, ok := path.Orphan(q.snap, e.Node, e.Dst)
	if !ok {
		return false
	}
	fix := lookAtRules(e.Node)
	if book, err := q.Book(); err == nil {
		rule := fmt.Sprintf("rule %s to %s table %d", e.Node, subnetOf(book, e.Dst), r.Table)
		if advice := q.advise("let one lead there", rule); advice != "" {
			fix = advice
		}
	}
	q.stop(fmt.Sprintf("%s has a route for %s only in table %d, to which no policy rule leads: %s", e.Node, what, r.Table, r), fix)
	return true
}

// passedOver says that a rule which refuses is reached only because another one leaves out
// the route that the packet would take.
func (q *inquiry) passedOver(e path.Refused) string {
	rule, r, ok := path.Suppressed(q.snap, e.Node, plan.RouteQuery{Dst: e.Dst})
	if !ok || rule.Priority > e.Rule.Priority {
		return ""
	}
	return fmt.Sprintf("; its route %s is not used, for %s", routeWords(r), suppressedBy(rule))
}
