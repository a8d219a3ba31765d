package why

import (
	"fmt"
	"net/netip"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// conditional finds a policy rule on the way that may have decided about the packet, for it
// has a condition that the walk does not evaluate.
func (q *inquiry) conditional(f path.Fate) {
	for _, h := range f.Hops {
		if r, ok := path.Conditional(q.snap, h.Node, h.Query); ok && h.Query.Dst.IsValid() {
			q.stop(fmt.Sprintf("%s may route the packets to %s by its rule: %s", h.Node, h.Query.Dst, ruleWords(r)), lookAtRules(h.Node))
		}
	}
}

// refusedByRule names the policy rule by which a node may refuse what no route refuses.
func (q *inquiry) refusedByRule(e path.Refused, what string) bool {
	r, ok := path.Conditional(q.snap, e.Node, plan.RouteQuery{Dst: e.Dst})
	if ok {
		q.stop(fmt.Sprintf("%s refuses or drops %s by its rule: %s", e.Node, what, ruleWords(r)), lookAtRules(e.Node))
	}
	return ok
}

func lookAtRules(node string) string { return fmt.Sprintf("look at them: exec %s ip rule show", node) }

// onLink finds that it is a route, and no address of the node, that puts an address on the
// link of the node that asks for it.
func (q *inquiry) onLink(asks string, e path.NoNeighbour, owner plan.Ref) bool {
	at, err := q.snap.Link(e.At.Node, e.At.Link)
	if err != nil || inAny(at, netip.PrefixFrom(e.Addr, e.Addr.BitLen())) {
		return false
	}
	_, r := path.Decider(q.snap, e.At.Node, plan.RouteQuery{Dst: e.Addr})
	if len(r.Hops) == 0 || r.Hops[0].Via.IsValid() {
		return false
	}
	q.stop(fmt.Sprintf("%s by its route %s, which puts that address on the link, but %s, which has it, is not connected there", asks, r, owner.Node),
		q.advise("take the route away", fmt.Sprintf("del route %s %s", e.At.Node, routeWords(r))))
	return true
}
