package why

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// NoRoute explains that a node has no route to an address, or one that
// refuses; to is the address as the script has it.
func NoRoute(env *verb.Env, node, to string, dst netip.Addr, err error) (why, fix string) {
	q := &inquiry{Lab: env.Lab, table: env.Table, snap: path.Of(env.Lab), asked: Request{node: node, packet: path.Packet{Dst: dst.WithZone("")}}, to: to}
	switch e := path.RefusalOf(q.snap, node, plan.RouteQuery{Dst: dst}, err).(type) {
	case path.NoRoute:
		q.noRoute(path.Fate{}, e, false)
	case path.Refused:
		q.refused(e, false)
	}
	return q.why, q.fix
}

// noRoute explains that no route leads to an address.
func (q *inquiry) noRoute(f path.Fate, e path.NoRoute, back bool) {
	switch {
	case q.wrongGateway(f):
	case !lab.Cabled(q, e.Node):
		q.stop(e.Node+" has no interface besides lo", q.cable(e, back))
	case e.Dst.Is6() && (q.without6(e.Node) || q.unadvised(e)):
	case q.downTowards(e.Node, e.Dst) || q.unnumbered(e.Node) || q.unused(e, back) || q.subnetless(e.Node, e.Dst) ||
		q.subnetless(q.asker(f, e.Node), e.Dst) || q.otherWay(back):
	default:
		what := fmt.Sprintf("%s has no route to %s", e.Node, e.Dst)
		if back {
			what = fmt.Sprintf("%s has no route back to %s%s%s", e.Node, e.Dst, q.untranslated(e.Dst), q.preferredSource(e.Dst))
		}
		q.stop(what, q.addRoute(e, back))
	}
}

// other is where the packet was to go, as the script has it.
func (q *inquiry) other(back bool) string {
	if back {
		return q.asked.node
	}
	return q.to
}

// isPublic reports whether a node has public addresses only (RFC 1918, RFC 4193).
func isPublic(view verb.Lab, node string) bool {
	own, err := lab.GlobalAddrs(view, node, "")
	return err == nil && len(own) > 0 &&
		!slices.ContainsFunc(own, func(p netip.Prefix) bool { return p.Addr().IsPrivate() })
}

func (q *inquiry) unnumbered(node string) bool {
	if own, _ := lab.GlobalAddrs(q, node, ""); len(own) > 0 {
		return false
	}
	q.stop(node+" has no address", q.number(node))
	return true
}

// refused names the route that refuses, and the policy rule that leads to it.
func (q *inquiry) refused(e path.Refused, back bool) {
	what := "packets to " + q.other(back)
	if back {
		what = "the reply"
	}
	if dev := q.asked.dev; dev != "" && e.Node == q.asked.node {
		if _, err := q.snap.Link(e.Node, dev); errors.Is(err, plan.ErrNoLink) {
			q.stop(fmt.Sprintf("%s has no interface %s", e.Node, dev), "look at them: show links "+e.Node)
			return
		}
	}
	if e.Route.Kind == plan.Unicast {
		if q.refusedByRule(e, what) {
			return
		}
		q.stop(fmt.Sprintf("a route of %s refuses or drops %s", e.Node, what), "look at them: show routes "+e.Node)
		return
	}
	does := "refuses"
	if e.Errno == syscall.EINVAL {
		does = "drops"
	}
	why := fmt.Sprintf("%s %s %s by its route: %s", e.Node, does, what, e.Route)
	intro, statement := "take the route away", fmt.Sprintf("del route %s %s", e.Node, routeWords(e.Route))
	if e.Rule.Kind != "" {
		why = fmt.Sprintf("%s %s %s by its rule: %s", e.Node, does, what, ruleWords(e.Rule)) + q.passedOver(e)
	} else if e.Rule != (plan.Rule{}) {
		why += fmt.Sprintf(", to which its rule leads: %s", ruleWords(e.Rule))
	}
	if e.Rule != (plan.Rule{}) {
		intro, statement = "take the rule away", fmt.Sprintf("del rule %s %s", e.Node, ruleWords(e.Rule))
	}
	q.stop(why, q.advise(intro, statement))
}

// routeWords is a route as the statement route takes it.
func routeWords(r plan.Route) string {
	r.Src, r.Metric = netip.Addr{}, 0
	return r.String()
}

// ruleWords is a rule as the statement rule takes it.
func ruleWords(r plan.Rule) string {
	r.Priority = 0
	return strings.Replace(r.String(), "from all ", "", 1)
}

// notForwarding says that IP forwarding is off on a node, if it is a router: a
// node that would send the packet back by where it came in was the wrong one to
// ask.
func (q *inquiry) notForwarding(f path.Fate, e path.NotForwarding) {
	if q.wrongGateway(f) {
		return
	}
	all := lab.ForwardingKey(f.Packet.Dst.Is6())
	if v, err := q.snap.Sysctl(e.Node, all); err == nil && v == "0" {
		q.stop(fmt.Sprintf("IP forwarding is off on %s: %s is 0", e.Node, all), q.advise("turn it on", "forward "+e.Node))
		return
	}
	q.stop(fmt.Sprintf("IP forwarding is off on %s: %s is 0", plan.Place(e.Node, e.In), e.Key),
		q.advise("turn it on", fmt.Sprintf("sysctl %s %s=1", e.Node, e.Key)))
}

// deadEnd reports whether a node has no other interface to forward to what comes
// in by one.
func (q *inquiry) deadEnd(node, in string) bool {
	links, err := q.snap.Links(node)
	return err == nil && !slices.ContainsFunc(links, func(l plan.Link) bool {
		return l.Name != plan.Loopback && l.Name != in && l.Taker() == "" && len(l.Addrs) > 0
	})
}

// wrongGateway finds that the node that the packet has come to forwards nothing and
// is a dead end, and names who sent it there.
func (q *inquiry) wrongGateway(f path.Fate) bool {
	if len(f.Hops) < 2 {
		return false
	}
	from, at := f.Hops[len(f.Hops)-2], f.Hops[len(f.Hops)-1]
	if lab.IsRouter(q.snap, at.Node, f.Packet.Dst.Is6()) || !q.deadEnd(at.Node, at.In) {
		return false
	}
	why := fmt.Sprintf("%s sends packets to %s via %s, but %s, which has that address, is no router", from.Node, f.Packet.Dst, from.Next, at.Node)
	fix := "compare: show routes " + from.Node
	if best, ok := q.bestNeighbour(from.Node, f.Packet.Dst); ok {
		fix = cmp.Or(q.advise("another router leads there", q.replace(from.Node, from.Query, best)...), fix)
	}
	q.stop(why, fix)
	return true
}

// badSource says why the source of a packet is not believed.
func (q *inquiry) badSource(f path.Fate, e path.BadSource) {
	switch n := len(f.Hops); {
	case e.Own && n > 2 && f.Hops[0].Node == e.Node:
		from := f.Hops[n-2]
		_, r := path.Decider(q.snap, from.Node, from.Query)
		q.stop(fmt.Sprintf("%s sends the packets of %s to %s back to it, by its route: %s", from.Node, e.Node, f.Packet.Dst, routeWords(r)),
			cmp.Or(q.leave(f, path.Expired{Loop: []string{e.Node, from.Node, e.Node}}), "compare: show routes "+from.Node))
	case e.Own:
		q.stop(fmt.Sprintf("%s drops what comes in by %s from %s, for that is an address of its own", e.Node, e.In, e.Src), "compare the addresses: show addrs")
	case e.Back == "":
		q.stop(fmt.Sprintf("%s drops packets from %s, to which it has no route back: %s is not 0", e.Node, e.Src, e.Key),
			cmp.Or(q.routeBack(e), q.advise("let them in", fmt.Sprintf("sysctl %s %s=0", e.Node, e.Key))))
	default:
		q.stop(fmt.Sprintf("%s drops packets from %s that come in by %s, for its route back leaves by %s: %s is 1 (reverse path filter)",
			e.Node, e.Src, e.In, e.Back, e.Key), q.advise("let them in", fmt.Sprintf("sysctl %s %s=2", e.Node, e.Key)))
	}
}

// expired says where the packet went round.
func (q *inquiry) expired(f path.Fate, e path.Expired, back bool) {
	aged := slices.IndexFunc(f.Hops, func(h path.Hop) bool { return h.Aged.Where != "" })
	switch from := f.Hops[0].Node; {
	case len(e.Loop) > 0:
	case aged >= 0:
		h := f.Hops[aged]
		q.stop(fmt.Sprintf("the time to live of %s ends at %s, for a rule of %s sets it: %s (%s)", filteredWhat(path.Filtered{}, back), e.Node, h.Node, h.Aged.Text, h.Aged.Where), lookAt(h.Node, h.Aged))
		return
	case e.Key != "":
		q.stop(fmt.Sprintf("the time to live of %s is %d, and %s is router %d on its way: %s of %s is %d", filteredWhat(path.Filtered{}, back), e.TTL, e.Node, len(f.Hops)-1, e.Key, from, e.TTL),
			q.advise("raise it", fmt.Sprintf("sysctl %s %s=%d", from, e.Key, moreTTL(e.TTL))))
		return
	default:
		q.stop(fmt.Sprintf("%s has a time to live of %d, and %s is router %d on the way", filteredWhat(path.Filtered{}, back), e.TTL, e.Node, len(f.Hops)-1), "")
		return
	}
	q.stop("routing loop: "+strings.Join(e.Loop, " -> "), cmp.Or(q.leave(f, e), "compare: show routes "+e.Loop[0]))
}

// moreTTL is a larger time to live: what systems start with, or the most there is.
func moreTTL(ttl int) int {
	const usual, most = 64, 255
	if ttl < usual {
		return usual
	}
	return most
}

// leave proposes a way out of a loop: a router in it that has a neighbour by which
// the exchange succeeds.
func (q *inquiry) leave(f path.Fate, e path.Expired) string {
	for _, h := range f.Hops[1:] {
		if !slices.Contains(e.Loop[1:], h.Node) {
			continue
		}
		if gw, ok := q.bestNeighbour(h.Node, h.Query.Dst); ok && q.try(h.Node, h.Query.Dst, plan.NextHop{Via: gw}).Answered() {
			return q.advise(fmt.Sprintf("the route of %s leads back", h.Node), q.replace(h.Node, h.Query, gw)...)
		}
	}
	return ""
}

// addRoute proposes a route for a node that has none.
func (q *inquiry) addRoute(e path.NoRoute, back bool) string {
	book, err := q.Book()
	if err != nil {
		return ""
	}
	if back && e.Dst.IsPrivate() && isPublic(q, e.Node) {
		return q.hide(e.Dst, book)
	}
	if len(book.At(e.Dst)) == 0 {
		return outside(book, e.Dst)
	}
	if gw, ok := q.bestNeighbour(e.Node, e.Dst); ok {
		if fix := q.advise("add one", fmt.Sprintf("route %s %s via %s", e.Node, subnetOf(book, e.Dst), gw)); fix != "" {
			return fix
		}
	}
	return fmt.Sprintf("no neighbour of %s leads there: show topology", e.Node)
}

// outside proposes what makes an address reachable that no node has: a public one is
// the business of internet, which has the well-known ones by itself.
func outside(book *plan.Book, a netip.Addr) string {
	known := []string{"8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "2606:4700:4700::1111"}
	there := len(book.At(netip.MustParseAddr(known[0]))) > 0
	switch {
	case there || a.IsPrivate() || !a.IsGlobalUnicast():
		return "no interface of the lab has that address: show addrs"
	case slices.Contains(known, a.String()):
		return "it is outside the lab, where a stand-in can answer: internet"
	}
	return fmt.Sprintf("it is outside the lab, where a stand-in can answer: internet { outside.example %s }", a)
}

// hide proposes NAT where a private address is to be known outside: on the router
// that the request left the private network by.
func (q *inquiry) hide(private netip.Addr, book *plan.Book) string {
	on := ""
	for _, h := range q.Request.Hops {
		if r, err := q.snap.RouteTo(h.Node, plan.RouteQuery{Dst: h.Packet.Dst}); err == nil && h.In != "" && r.Src.IsValid() && !r.Src.IsPrivate() {
			on = h.Node
			break
		}
	}
	statement := "nat " + subnetOf(book, private)
	if on != "" && on != plan.Host {
		statement += " on " + on
	}
	return q.advise(fmt.Sprintf("private addresses are unknown outside; %s can put its own in their place", cmp.Or(on, plan.Host)), statement)
}

// subnetOf is the subnet of the lab that an address is in, or default.
func subnetOf(book *plan.Book, a netip.Addr) string {
	for _, u := range book.All() {
		if u.Addr.Contains(a) && u.Addr.Bits() > 0 && !u.Addr.IsSingleIP() {
			return u.Addr.Masked().String()
		}
	}
	return "default"
}
