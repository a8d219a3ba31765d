package lab

import (
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// SideEffects works out what the kernel takes away of its own accord when addresses of
// one interface are deleted, or interfaces are set down, so that it can be restored.
// It follows the deletions of a statement: links and routes shrink with them.
type SideEffects struct {
	Link   plan.Link
	Routes []plan.Route
	auto   map[netip.Prefix]bool
	// before are the routes as they were at first.
	before []plan.Route
}

// NewSideEffects starts with what an interface has now.
func NewSideEffects(view verb.Lab, l plan.Link) (*SideEffects, error) {
	routes, err := view.Routes(l.Node)
	if err != nil {
		return nil, err
	}
	book, err := view.Book()
	if err != nil {
		return nil, err
	}
	s := &SideEffects{Link: l, Routes: slices.Clone(routes), before: slices.Clone(routes), auto: map[netip.Prefix]bool{}}
	s.Link.Addrs = slices.Clone(l.Addrs)
	for _, u := range book.On(l.Ref()) {
		s.auto[u.Addr] = u.Auto
	}
	return s, nil
}

// Rename gives the interface another name, also in the routes over it.
func (s *SideEffects) Rename(to string) {
	for _, list := range [][]plan.Route{s.Routes, s.before} {
		for i, r := range list {
			list[i].Hops = slices.Clone(r.Hops)
			for j, h := range r.Hops {
				if h.Dev == s.Link.Name {
					list[i].Hops[j].Dev = to
				}
			}
		}
	}
	s.Link.Name = to
}

// Add is the op that gives an address back.
func (s *SideEffects) Add(a netip.Prefix) plan.AddAddr {
	return plan.AddAddr{Node: s.Link.Node, Link: s.Link.Name, Addr: a, Auto: s.auto[a], AddrOptions: s.Link.AddrOptions(a)}
}

// Dels are the ops that delete addresses, and the routes that go with them. The
// first op brings the routes back: undone last, it finds all addresses there.
func (s *SideEffects) Dels(addrs []netip.Prefix) (ops []plan.DelAddr, lost []plan.Route) {
	var moved []plan.Route
	for _, a := range addrs {
		op, gone, bySource := s.del(a)
		ops, lost, moved = append(ops, op), append(lost, gone...), append(moved, bySource...)
	}
	if len(ops) > 0 {
		back := s.AddRoutes(distinct(append(slices.Clone(lost), moved...)))
		ops[0].Was = append(ops[0].Was, back...)
	}
	return ops, lost
}

// del deletes one address: with an IPv6 one no routes go. bySource are the
// routes that are lost when its place among the others is given back.
func (s *SideEffects) del(a netip.Prefix) (op plan.DelAddr, lost, bySource []plan.Route) {
	op = plan.DelAddr{Node: s.Link.Node, Link: s.Link.Name, Addr: a, Auto: s.auto[a], AddrOptions: s.Link.AddrOptions(a)}
	i := slices.Index(s.Link.Addrs, a)
	if i < 0 {
		return op, nil, nil
	}
	later := s.later(i)
	s.Link.Addrs = slices.Delete(s.Link.Addrs, i, i+1)
	if a.Addr().Is4() {
		lost = s.take(s.goesWith(a))
	}
	op.Was, bySource = s.inOrder(later)
	return op, lost, bySource
}

// later are the addresses that were added after the i-th: the kernel lists
// IPv4 addresses oldest first and IPv6 ones of one scope newest first
// (ipv6_link_dev_addr, net/ipv6/addrconf.c).
func (s *SideEffects) later(i int) []netip.Prefix {
	a := s.Link.Addrs[i].Addr()
	if a.Is4() {
		return OfFamily(s.Link.Addrs[i+1:], false)
	}
	newer := OfFamily(s.Link.Addrs[:i], true)
	slices.Reverse(newer)
	return slices.DeleteFunc(newer, func(p netip.Prefix) bool {
		return p.Addr().IsLinkLocalUnicast() != a.IsLinkLocalUnicast() || MadeFromMAC(s.Link, p)
	})
}

// inOrder puts the addresses that followed a deleted one after it again:
// the first of a subnet is its primary address, which the kernel sends from
// (__inet_insert_ifa, net/ipv4/devinet.c). Routes that prefer one of them as
// their source are lost by it.
func (s *SideEffects) inOrder(later []netip.Prefix) (ops []plan.Op, lost []plan.Route) {
	var adds []plan.Op
	for _, a := range later {
		op := s.Add(a)
		ops = append(ops, plan.DelAddr{Node: op.Node, Link: op.Link, Addr: a, Auto: op.Auto, AddrOptions: op.AddrOptions})
		adds = append(adds, op)
		for _, r := range s.Routes {
			if a.Addr().Is4() && r.Src == a.Addr() && r.Proto != plan.ProtoKernel {
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

// goesWith reports the routes that an IPv4 address takes with it: those that
// prefer it as their source, and with the last one of an interface those over
// it (fib_del_ifaddr, fib_disable_ip; net/ipv4/fib_frontend.c).
func (s *SideEffects) goesWith(a netip.Prefix) func(plan.Route) bool {
	last := len(OfFamily(s.Link.Addrs, false)) == 0
	return func(r plan.Route) bool {
		return r.Src == a.Addr() || last && r.Dst.Addr().Is4() && onlyOver(r, func(dev string) bool { return dev == s.Link.Name })
	}
}

// onlyOver reports whether all ways of a route are over such interfaces; a
// multipath route outlives the loss of some of its ways.
func onlyOver(r plan.Route, such func(dev string) bool) bool {
	return len(r.Hops) > 0 && !slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return !such(h.Dev) })
}

// take removes the routes that go and returns those that do not come back by
// themselves.
func (s *SideEffects) take(goes func(plan.Route) bool) []plan.Route {
	var kept, lost []plan.Route
	for _, r := range s.Routes {
		switch {
		case !goes(r):
			kept = append(kept, r)
		case r.Proto != plan.ProtoKernel:
			lost = append(lost, r)
		}
	}
	s.Routes = kept
	return lost
}

// AddRoutes are the ops that add routes, those to neighbours before those that
// go through them. The kernel wants a gateway on a link when a route is added,
// but keeps the route when the gateway's subnet goes; such a gateway is shown
// to it for a moment.
func (s *SideEffects) AddRoutes(routes []plan.Route) []plan.Op {
	var direct, through []plan.Op
	for _, r := range routes {
		op := plan.AddRoute{Node: s.Link.Node, Route: r}
		if isDirect(r) {
			direct = append(direct, op)
			continue
		}
		var shown []plan.Op
		for _, h := range r.Hops {
			if !OnLink(s.before, h) {
				shown = append(shown, plan.AddRoute{Node: s.Link.Node, Route: plan.ToGateway(h)})
			}
		}
		through = append(append(append(through, shown...), op), plan.InverseOf(shown)...)
	}
	return append(direct, through...)
}

// OnLink reports whether a way goes through no router, or a route leads to its
// gateway with none between; link-local gateways are on their link always.
func OnLink(routes []plan.Route, h plan.NextHop) bool {
	if !h.Via.IsValid() || h.OnLink || h.Via.Is6() && h.Via.IsLinkLocalUnicast() {
		return true
	}
	return slices.ContainsFunc(routes, func(r plan.Route) bool {
		return r.Dst.Contains(h.Via) && slices.ContainsFunc(r.Hops, func(o plan.NextHop) bool {
			return !o.Via.IsValid() && o.Dev != "" && (h.Dev == "" || o.Dev == h.Dev)
		})
	})
}

func isDirect(r plan.Route) bool {
	return !r.HasGateway()
}

// Through reports whether all gateways of a route are neighbours in one of the
// subnets, given with one's own address in them.
func Through(r plan.Route, nets []netip.Prefix) bool {
	apart := func(h plan.NextHop) bool {
		return h.Via.IsValid() && !slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(h.Via) && n.Addr() != h.Via })
	}
	return !slices.ContainsFunc(r.Hops, apart)
}

// Stranded are the IPv6 routes whose gateways are neighbours no more when
// addresses give way to others: the kernel would keep them, although it takes
// such IPv4 routes away.
func (s *SideEffects) Stranded(replaced, nets []netip.Prefix) []plan.Route {
	old := OfFamily(replaced, true)
	return slices.DeleteFunc(slices.Clone(s.Routes), func(r plan.Route) bool {
		over := onlyOver(r, func(dev string) bool { return dev == s.Link.Name })
		return !r.Dst.Addr().Is6() || isDirect(r) || !over || !Through(r, old) || Through(r, nets)
	})
}
