package why

import (
	"fmt"
	"net/netip"

	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// detour is a lab in which a node sends packets to an address another way.
type detour struct {
	plan.View
	node string
	dst  netip.Addr
	hop  plan.NextHop
}

// RouteTo gives the other way.
func (d detour) RouteTo(node string, q plan.RouteQuery) (plan.Route, error) {
	if node != d.node || q.Dst != d.dst {
		return d.View.RouteTo(node, q)
	}
	next := d.hop.Via
	if !next.IsValid() {
		next = d.dst
	}
	r, err := d.View.RouteTo(node, plan.RouteQuery{Dst: next, OIf: d.hop.Dev})
	if err != nil {
		return r, err
	}
	return plan.Route{Dst: netip.PrefixFrom(d.dst, d.dst.BitLen()), Src: r.Src,
		Hops: []plan.NextHop{{Via: d.hop.Via, Dev: r.Hops[0].Dev}}}, nil
}

// try asks again in a lab where a node sends packets to an address another way.
func (q *inquiry) try(node string, dst netip.Addr, hop plan.NextHop) path.Exchange {
	return path.Ask(detour{q.snap, node, dst, hop}, q.asked.node, q.asked.packet, q.asked.dev)
}

// bestNeighbour is the gateway, of all neighbours of a node, by which the exchange
// gets further than it did, and than by others.
func (q *inquiry) bestNeighbour(node string, dst netip.Addr) (gw netip.Addr, ok bool) {
	near, err := lab.Neighbours(q, node, dst.Is6())
	if err != nil {
		return netip.Addr{}, false
	}
	best := q.reach(q.Exchange)
	for _, n := range near {
		if r := q.reach(q.try(node, dst, plan.NextHop{Via: n.Addr.Addr()})); r > best {
			best, gw, ok = r, n.Addr.Addr(), true
		}
	}
	return gw, ok
}

// otherWay finds a router on the way that has a better route than the one it
// used, and names the one that misleads.
func (q *inquiry) otherWay(back bool) bool {
	f := q.Request
	if back {
		f = *q.Reply
	}
	for i := len(f.Hops) - 1; i >= 0; i-- {
		h := f.Hops[i]
		if len(h.Route.Hops) == 0 {
			continue
		}
		if hop, ok := q.betterRoute(h); ok {
			q.mislead(h, hop)
			return true
		}
		if q.ruledAway(h) {
			return true
		}
	}
	return false
}

// betterRoute is another route of a node by which the exchange succeeds.
func (q *inquiry) betterRoute(h path.Hop) (plan.Route, bool) {
	routes, err := q.snap.Routes(h.Node)
	if err != nil {
		return plan.Route{}, false
	}
	for _, r := range routes {
		if r.Kind != plan.Unicast || !r.Dst.Contains(h.Query.Dst) || len(r.Hops) == 0 || r.Hops[0] == h.Route.Hops[0] {
			continue
		}
		if q.try(h.Node, h.Query.Dst, r.Hops[0]).Answered() {
			return r, true
		}
	}
	return plan.Route{}, false
}

// ruledAway finds that the exchange succeeds without the policy rule that decided about
// a packet, and names the rule.
func (q *inquiry) ruledAway(h path.Hop) bool {
	rule, used := path.Decider(q.snap, h.Node, h.Query)
	if rule == (plan.Rule{}) {
		return false
	}
	without, ok := path.Suppose(q.snap, plan.DelRule{Node: h.Node, Rule: rule})
	if !ok || !path.Ask(without, q.asked.node, q.asked.packet, q.asked.dev).Answered() {
		return false
	}
	q.stop(fmt.Sprintf("%s sends packets to %s by its route: %s, to which its rule leads: %s", h.Node, h.Query.Dst, used, ruleWords(rule)),
		fmt.Sprintf("without that rule they arrive: del rule %s %s", h.Node, ruleWords(rule)))
	return true
}

// mislead names the route, or the policy rule, that the packet took instead of a
// better one.
func (q *inquiry) mislead(h path.Hop, better plan.Route) {
	rule, used := path.Decider(q.snap, h.Node, h.Query)
	why := fmt.Sprintf("%s sends packets to %s by its route: %s", h.Node, h.Query.Dst, used)
	statement := fmt.Sprintf("del route %s %s", h.Node, routeWords(used))
	if rule != (plan.Rule{}) {
		why += fmt.Sprintf(", to which its rule leads: %s", ruleWords(rule))
		statement = fmt.Sprintf("del rule %s %s", h.Node, ruleWords(rule))
	}
	q.stop(why, q.advise(better.String()+" leads there", statement))
}

// replace are the statements that send packets by another gateway than a route
// does.
func (q *inquiry) replace(node string, query plan.RouteQuery, via netip.Addr) []string {
	_, used := path.Decider(q.snap, node, query)
	return []string{fmt.Sprintf("del route %s %s", node, routeWords(used)), fmt.Sprintf("route %s %s via %s", node, used.Dest(), via)}
}
