package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

func routeError(n *node, r plan.Route, err error) error {
	return fmt.Errorf("route to %s in %s: %w", r.Dest(), n.name, err)
}

// addRoute checks in the kernel's order: the interfaces, the gateways, the
// source, and only then whether there is such a route already.
func (n *node) addRoute(o plan.AddRoute) error {
	r := o.Route
	e, err := n.newEntry(r)
	if err != nil {
		return routeError(n, r, err)
	}
	if t := n.tables[e.table]; t != nil && !o.Append {
		same := func(o *entry) bool { return o.metric == e.metric }
		if slices.ContainsFunc(t.routes[e.dst], same) {
			return routeError(n, r, syscall.EEXIST)
		}
	}
	n.insert(e)
	return nil
}

// newEntry is the entry that a route becomes.
func (n *node) newEntry(r plan.Route) (*entry, error) {
	if !r.Dst.IsValid() || !routeKind(r.Kind) {
		return nil, syscall.EINVAL
	}
	hops, err := n.hops(r)
	if err != nil {
		return nil, err
	}
	e := &entry{kind: r.Kind, dst: r.Dst.Masked(), metric: r.Metric, table: r.Table, src: r.Src, proto: r.Proto, hops: hops, mtu: r.MTU, mtuLock: r.MTULock}
	if e.dst != r.Dst && r.Dst.Addr().Is4() {
		return nil, syscall.EINVAL
	}
	if e.table == 0 {
		e.table = mainTable
	}
	if e.metric == 0 && r.Dst.Addr().Is6() {
		e.metric = userMetric6
	}
	if e.proto == "boot" {
		e.proto = ""
	}
	if err := n.checkHops(e); err != nil {
		return nil, err
	}
	return e, n.checkSource(e)
}

func routeKind(kind string) bool {
	return kind == plan.Unicast || refusal(kind) != nil
}

// hops finds the interfaces.
func (n *node) hops(r plan.Route) ([]hop, error) {
	var hops []hop
	for _, h := range r.Hops {
		out := hop{via: h.Via.WithZone(""), onlink: h.OnLink, weight: h.Weight}
		if h.Dev != "" {
			l, err := n.link(h.Dev)
			if err != nil {
				return nil, err
			}
			out.out = l
		}
		hops = append(hops, out)
	}
	mixed := func(h hop) bool { return h.via.Is4() && r.Dst.Addr().Is6() }
	if slices.ContainsFunc(hops, mixed) {
		return nil, syscall.EINVAL // the reverse is allowed (RFC 5549)
	}
	return hops, nil
}

// delRoute deletes the first route that has all that is given: metric, gateway,
// interface and source count only where they are given, as for ip route del. The
// kind counts for IPv4 only (ip6_route_del looks at none).
func (n *node) delRoute(r plan.Route) error {
	if !r.Dst.IsValid() || !routeKind(r.Kind) {
		return routeError(n, r, syscall.EINVAL)
	}
	hops, err := n.hops(r)
	if err != nil {
		return routeError(n, r, err)
	}
	if r.Dst.Masked() != r.Dst && r.Dst.Addr().Is4() {
		return routeError(n, r, syscall.EINVAL)
	}
	table := r.Table
	if table == 0 {
		table = mainTable
	}
	if t := n.tables[table]; t != nil {
		i := slices.IndexFunc(t.routes[r.Dst.Masked()], func(e *entry) bool { return e.is(r, hops) })
		if i >= 0 {
			n.remove(t.routes[r.Dst.Masked()][i])
			return nil
		}
	}
	return routeError(n, r, syscall.ESRCH)
}

// is reports whether the entry is what a deletion means.
func (e *entry) is(r plan.Route, hops []hop) bool {
	switch {
	case r.Kind != plan.Unicast && e.kind != r.Kind && r.Dst.Addr().Is4(),
		r.Metric != 0 && e.metric != r.Metric,
		r.Src.IsValid() && e.src != r.Src,
		r.MTU != 0 && r.Dst.Addr().Is4() && (e.mtu != r.MTU || r.MTULock && !e.mtuLock),
		len(hops) > len(e.hops):
		return false
	}
	for i, h := range hops {
		if h.via.IsValid() && h.via != e.hops[i].via || h.out != nil && h.out != e.hops[i].out {
			return false
		}
	}
	return true
}

// changeRouteMTUs has the MTUs of IPv6 routes follow that of an interface, from which it
// was before, unless they are locked or smaller (rt6_mtu_change_route, net/ipv6/route.c).
func (l *link) changeRouteMTUs(before int) {
	for e := range l.uses {
		if e.dst.Addr().Is6() && e.mtu != 0 && !e.mtuLock && (e.mtu >= l.mtu || e.mtu == before) {
			e.mtu = l.mtu
		}
	}
}

func tableOf(e *entry) int {
	if e.table == mainTable {
		return 0
	}
	return e.table
}

func metricOf(e *entry) int {
	if e.dst.Addr().Is6() && e.metric == userMetric6 {
		return 0
	}
	return e.metric
}

// Routes are the routes of both families and all tables but local.
func (m *Model) Routes(node string) ([]plan.Route, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var routes []plan.Route
	for _, e := range n.all() {
		if e.table != localTable && e.kind != localRoute && e.kind != broadcastRoute { // those of VRFs are in their tables
			routes = append(routes, e.route())
		}
	}
	return routes, nil
}

func (e *entry) route() plan.Route {
	r := plan.Route{Kind: e.kind, Dst: e.dst, Metric: metricOf(e), Table: tableOf(e), Src: e.src, Proto: e.proto, MTU: e.mtu, MTULock: e.mtuLock}
	if refusal(e.kind) != nil {
		return r
	}
	for _, h := range e.hops {
		r.Hops = append(r.Hops, plan.NextHop{Via: h.via, Dev: h.out.name, OnLink: h.onlink, Weight: h.weight})
	}
	return r
}
