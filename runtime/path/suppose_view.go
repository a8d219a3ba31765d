package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"nsl/runtime/plan"
)

// Links are those of a node after the ops.
func (w *supposed) Links(node string) ([]plan.Link, error) {
	if list, ok := w.links[node]; ok {
		return list, nil
	}
	return w.View.Links(node)
}

// Link is one of Links.
func (w *supposed) Link(node, name string) (plan.Link, error) {
	for _, l := range w.links[node] {
		if l.Name == name {
			return l, nil
		}
	}
	return w.View.Link(node, name)
}

// Routes are those of a node after the ops.
func (w *supposed) Routes(node string) ([]plan.Route, error) {
	if list, ok := w.routes[node]; ok {
		return list, nil
	}
	return w.View.Routes(node)
}

// Rules are those of a node after the ops.
func (w *supposed) Rules(node string) ([]plan.Rule, error) {
	if list, ok := w.rules[node]; ok {
		return list, nil
	}
	return w.View.Rules(node)
}

// Nft is the lab's table in a node after the ops.
func (w *supposed) Nft(node string) (plan.NftState, error) {
	if st, ok := w.nft[node]; ok {
		return st, nil
	}
	return w.View.Nft(node)
}

// Ruleset is the packet filter of a node after the ops, without the lab's table where
// they change that, which Nft has.
func (w *supposed) Ruleset(node string) (plan.Ruleset, error) {
	rules, err := w.View.Ruleset(node)
	if _, ok := w.nft[node]; ok {
		rules.Tables = slices.DeleteFunc(slices.Clone(rules.Tables), isLabs)
	}
	return rules, err
}

// Sysctl is a setting after the ops.
func (w *supposed) Sysctl(node, key string) (string, error) {
	if value, ok := w.settings[settingKey{node, key}]; ok {
		return value, nil
	}
	return w.View.Sysctl(node, key)
}

// RouteTo is what the kernel would do with a packet after the ops: what it does,
// where they do not change the node, and else what its tables say.
func (w *supposed) RouteTo(node string, q plan.RouteQuery) (plan.Route, error) {
	if !w.routed[node] {
		return w.View.RouteTo(node, q)
	}
	q.Dst, q.Src, q.OIf = q.Dst.WithZone(""), q.Src.WithZone(""), q.Out()
	s := Of(w)
	r, err := w.choose(s, node, q)
	if q.IIf != "" && q.Dst.Is4() {
		err = w.admit(s, node, q, r, err)
	}
	if err != nil {
		return plan.Route{}, fmt.Errorf("%s from %s: %w", q.Dst, node, err)
	}
	if !q.Own() {
		r.Src = netip.Addr{}
	}
	return r, nil
}

// choose finds the route in the tables.
func (w *supposed) choose(s *Snapshot, node string, q plan.RouteQuery) (plan.Route, error) {
	answer := plan.Route{Dst: netip.PrefixFrom(q.Dst, q.Dst.BitLen())}
	if w.hasAddr(node, q.Dst) {
		answer.Kind, answer.Src, answer.Hops = "local", q.Dst, []plan.NextHop{{Dev: plan.Loopback}}
		return answer, nil
	}
	_, r := s.decider(node, q)
	switch {
	case r.Kind == plan.Blackhole:
		return answer, syscall.EINVAL
	case r.Kind == plan.Prohibit:
		return answer, syscall.EACCES
	case r.Kind == plan.Unreachable:
		return answer, syscall.EHOSTUNREACH
	case len(r.Hops) == 0:
		return answer, syscall.ENETUNREACH
	}
	answer.Hops, answer.Table, answer.Src = r.Hops[:1], r.Table, r.Src
	if !answer.Src.IsValid() {
		answer.Src = w.source(node, r.Hops[0], q.Dst)
	}
	return answer, nil
}

// admit is what the kernel answers for a packet that came in, for which it has the
// route r or the refusal err: the setting of the interface decides, and then the
// source is checked (ip_route_input_slow, net/ipv4/route.c).
func (w *supposed) admit(s *Snapshot, node string, q plan.RouteQuery, r plan.Route, err error) error {
	if _, ok := s.forwards(node, q.IIf, false); !ok && r.Kind != "local" {
		return syscall.EHOSTUNREACH
	}
	if err != nil {
		return err
	}
	if w.hasAddr(node, q.Src) {
		return syscall.EINVAL
	}
	strict := 0
	for _, scope := range []string{"all", plan.SettingName(q.IIf)} {
		value, _ := w.Sysctl(node, "net.ipv4.conf."+scope+".rp_filter")
		if n, err := strconv.Atoi(value); err == nil {
			strict = max(strict, n)
		}
	}
	_, back := s.decider(node, plan.RouteQuery{Dst: q.Src})
	if strict > 0 && len(back.Hops) == 0 || strict == 1 && back.Hops[0].Dev != q.IIf {
		return syscall.EINVAL
	}
	return nil
}

// hasAddr reports whether an address is a node's own.
func (w *supposed) hasAddr(node string, a netip.Addr) bool {
	links, err := w.Links(node)
	if err != nil || a.IsLoopback() {
		return a.IsLoopback()
	}
	for _, l := range links {
		if has(l, a) {
			return true
		}
	}
	return false
}

// source is the address that a packet of the node's own gets: one on the subnet of
// the next hop, else the first of the interface, else of the node.
func (w *supposed) source(node string, hop plan.NextHop, dst netip.Addr) netip.Addr {
	next := hop.Via
	if !next.IsValid() {
		next = dst
	}
	links, _ := w.Links(node)
	var onLink, anywhere netip.Addr
	for _, l := range links {
		for _, p := range l.Addrs {
			switch a := p.Addr(); {
			case a.Is6() != dst.Is6() || !plan.InBook(a):
			case l.Name == hop.Dev && p.Contains(next):
				return a
			case l.Name == hop.Dev && !onLink.IsValid():
				onLink = a
			case !anywhere.IsValid():
				anywhere = a
			}
		}
	}
	if onLink.IsValid() {
		return onLink
	}
	return anywhere
}

// completed is a route with the interface that its gateway is on.
func (w *supposed) completed(node string, r plan.Route) plan.Route {
	hops := make([]plan.NextHop, len(r.Hops))
	for i, h := range r.Hops {
		if h.Dev == "" {
			h.Dev = w.towards(node, h.Via)
		}
		hops[i] = h
	}
	r.Hops = hops
	return r
}

// towards is the interface that has an address of a node on its subnet, or "".
func (w *supposed) towards(node string, a netip.Addr) string {
	links, _ := w.Links(node)
	for _, l := range links {
		for _, p := range l.Addrs {
			if l.Up && p.Contains(a) {
				return l.Name
			}
		}
	}
	return ""
}

// isMeant reports whether a route is the one that a deletion means: what it does
// not say may be anything.
func isMeant(r, named plan.Route) bool {
	if r.Dst != named.Dst || tableOf(r) != tableOf(named) || r.Kind != named.Kind || len(named.Hops) > len(r.Hops) ||
		named.Metric != 0 && r.KernelMetric() != named.Metric {
		return false
	}
	for i, h := range named.Hops {
		if h.Via.IsValid() && h.Via != r.Hops[i].Via || h.Dev != "" && h.Dev != r.Hops[i].Dev {
			return false
		}
	}
	return true
}

// sameRule reports whether a policy rule is the one that a deletion means.
func sameRule(r, named plan.Rule) bool {
	if named.Priority == 0 {
		r.Priority = 0
	}
	return r == named
}
