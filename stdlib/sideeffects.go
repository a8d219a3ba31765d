package stdlib

import (
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// sideEffects works out what the kernel takes away of its own accord when addresses of
// one interface are deleted, or interfaces are set down, so that it can be restored.
// It follows the deletions of a statement: links and routes shrink with them.
type sideEffects struct {
	link   plan.Link
	routes []plan.Route
	auto   map[netip.Prefix]bool
	// before are the routes as they were at first.
	before []plan.Route
}

func newSideEffects(lab verb.Lab, l plan.Link) (*sideEffects, error) {
	routes, err := lab.Routes(l.Node)
	if err != nil {
		return nil, err
	}
	book, err := lab.Book()
	if err != nil {
		return nil, err
	}
	s := &sideEffects{link: l, routes: slices.Clone(routes), before: routes, auto: map[netip.Prefix]bool{}}
	s.link.Addrs = slices.Clone(l.Addrs)
	for _, u := range book.On(plan.Ref{Node: l.Node, Link: l.Name}) {
		s.auto[u.Addr] = u.Auto
	}
	return s, nil
}

func (s *sideEffects) add(a netip.Prefix) plan.AddAddr {
	return plan.AddAddr{Node: s.link.Node, Link: s.link.Name, Addr: a, Auto: s.auto[a]}
}

// dels are the ops that delete addresses, and the routes that go with them. The
// first op brings the routes back: taken back last, it finds all addresses there.
func (s *sideEffects) dels(addrs []netip.Prefix) (ops []plan.DelAddr, lost []plan.Route) {
	var moved []plan.Route
	for _, a := range addrs {
		op, gone, bySource := s.del(a)
		ops, lost, moved = append(ops, op), append(lost, gone...), append(moved, bySource...)
	}
	if len(ops) > 0 {
		back := s.addRoutes(distinct(append(slices.Clone(lost), moved...)))
		ops[0].Was = append(ops[0].Was, back...)
	}
	return ops, lost
}

// del deletes one address: with an IPv6 one no routes go. bySource are the
// routes that are lost when its place among the others is given back.
func (s *sideEffects) del(a netip.Prefix) (op plan.DelAddr, lost, bySource []plan.Route) {
	op = plan.DelAddr{Node: s.link.Node, Link: s.link.Name, Addr: a, Auto: s.auto[a]}
	i := slices.Index(s.link.Addrs, a)
	if i < 0 {
		return op, nil, nil
	}
	later := s.later(i)
	s.link.Addrs = slices.Delete(s.link.Addrs, i, i+1)
	if a.Addr().Is4() {
		lost = s.take(s.goesWith(a))
	}
	op.Was, bySource = s.inOrder(later)
	return op, lost, bySource
}

// later are the addresses that were added behind the i-th: the kernel lists
// IPv4 addresses oldest first and IPv6 ones of one scope newest first
// (ipv6_link_dev_addr, net/ipv6/addrconf.c).
func (s *sideEffects) later(i int) []netip.Prefix {
	a := s.link.Addrs[i].Addr()
	if a.Is4() {
		return ofFamily(s.link.Addrs[i+1:], false)
	}
	newer := ofFamily(s.link.Addrs[:i], true)
	slices.Reverse(newer)
	return slices.DeleteFunc(newer, func(p netip.Prefix) bool {
		return p.Addr().IsLinkLocalUnicast() != a.IsLinkLocalUnicast() || madeFromMAC(s.link, p)
	})
}

// inOrder puts the addresses that stood behind a deleted one behind it again:
// the first of a subnet is its primary address, which the kernel sends from
// (__inet_insert_ifa, net/ipv4/devinet.c). Routes that prefer one of them as
// their source are lost by it.
func (s *sideEffects) inOrder(later []netip.Prefix) (ops []plan.Op, lost []plan.Route) {
	var adds []plan.Op
	for _, a := range later {
		op := s.add(a)
		ops = append(ops, plan.DelAddr{Node: op.Node, Link: op.Link, Addr: a, Auto: op.Auto})
		adds = append(adds, op)
		for _, r := range s.routes {
			if a.Addr().Is4() && r.Src == a.Addr() && r.Proto != protoKernel {
				lost = append(lost, r)
			}
		}
	}
	return append(ops, adds...), lost
}

// distinct leaves repeated routes out.
func distinct(routes []plan.Route) []plan.Route {
	var out []plan.Route
	for _, r := range routes {
		if !slices.ContainsFunc(out, func(o plan.Route) bool { return o.String() == r.String() }) {
			out = append(out, r)
		}
	}
	return out
}

// protoKernel marks the routes that the kernel makes for addresses: they come
// and go with them.
const protoKernel = "kernel"

// goesWith tells the routes that an IPv4 address takes with it: those that
// prefer it as their source, and with the last one of an interface those over
// it (fib_del_ifaddr, fib_disable_ip; net/ipv4/fib_frontend.c).
func (s *sideEffects) goesWith(a netip.Prefix) func(plan.Route) bool {
	last := len(ofFamily(s.link.Addrs, false)) == 0
	return func(r plan.Route) bool {
		return r.Src == a.Addr() || last && r.Dst.Addr().Is4() && onlyOver(r, func(dev string) bool { return dev == s.link.Name })
	}
}

// onlyOver reports whether all ways of a route are over such interfaces; a
// multipath route outlives the loss of some of its ways.
func onlyOver(r plan.Route, such func(dev string) bool) bool {
	return len(r.Hops) > 0 && !slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return !such(h.Dev) })
}

// take removes the routes that go and returns those that do not come back by
// themselves.
func (s *sideEffects) take(goes func(plan.Route) bool) []plan.Route {
	var kept, lost []plan.Route
	for _, r := range s.routes {
		switch {
		case !goes(r):
			kept = append(kept, r)
		case r.Proto != protoKernel:
			lost = append(lost, r)
		}
	}
	s.routes = kept
	return lost
}

// addRoutes are the ops that add routes, those to neighbours before those that
// go through them. The kernel wants a gateway on a link when a route is added,
// but keeps the route when the gateway's subnet goes; such a gateway is shown
// to it for a moment.
func (s *sideEffects) addRoutes(routes []plan.Route) []plan.Op {
	var direct, through []plan.Op
	for _, r := range routes {
		op := plan.AddRoute{Node: s.link.Node, Route: r}
		if isDirect(r) {
			direct = append(direct, op)
			continue
		}
		var shown []plan.Op
		for _, h := range r.Hops {
			if !onLink(s.before, h) {
				shown = append(shown, plan.AddRoute{Node: s.link.Node, Route: tempRoute(h)})
			}
		}
		through = append(append(append(through, shown...), op), plan.InverseOf(shown)...)
	}
	return append(direct, through...)
}

// tempRoute is a route to a gateway; its metric keeps it apart from all others.
func tempRoute(h plan.NextHop) plan.Route {
	return plan.Route{Dst: netip.PrefixFrom(h.Via, h.Via.BitLen()), Hops: []plan.NextHop{{Dev: h.Dev}}, Metric: 1 << 30}
}

// onLink reports whether a way goes through no router, or a route leads to its
// gateway with none between; link-local gateways are on their link always.
func onLink(routes []plan.Route, h plan.NextHop) bool {
	if !h.Via.IsValid() || h.Via.Is6() && h.Via.IsLinkLocalUnicast() {
		return true
	}
	return slices.ContainsFunc(routes, func(r plan.Route) bool {
		return r.Dst.Contains(h.Via) && slices.ContainsFunc(r.Hops, func(o plan.NextHop) bool {
			return !o.Via.IsValid() && o.Dev != "" && (h.Dev == "" || o.Dev == h.Dev)
		})
	})
}

func isDirect(r plan.Route) bool {
	return !slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return h.Via.IsValid() })
}
