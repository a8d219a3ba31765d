package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

func routeError(n *node, r plan.Route, err error) error {
	return fmt.Errorf("route to %s in %s: %w", r.Dest(), n.name, err)
}

// addRoute checks in the kernel's order: the interfaces, the gateways, the
// source, and only then whether there is such a route already.
func (n *node) addRoute(r plan.Route) error {
	e, err := n.newEntry(r)
	if err != nil {
		return routeError(n, r, err)
	}
	if t := n.tables[e.table]; t != nil {
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
	e := &entry{kind: r.Kind, dst: r.Dst.Masked(), metric: r.Metric, table: r.Table, src: r.Src, proto: r.Proto, hops: hops}
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
		out := hop{via: h.Via.WithZone("")}
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

// checkHops finds the interface of each way. IPv6 routes that refuse go over
// the loopback, and with it; those of IPv4 have no interface.
func (n *node) checkHops(e *entry) error {
	if e.kind != plan.Unicast {
		given := len(e.hops) > 0
		e.hops = nil
		if e.dst.Addr().Is6() {
			e.hops = []hop{{out: n.links[plan.Loopback]}}
		} else if given {
			return syscall.EINVAL
		}
		return nil
	}
	if len(e.hops) == 0 {
		return syscall.ENODEV
	}
	direct := func(h hop) bool { return !h.via.IsValid() }
	if e.dst.Addr().Is6() && len(e.hops) > 1 && slices.ContainsFunc(e.hops, direct) {
		return syscall.EINVAL
	}
	for i := range e.hops {
		if err := n.checkHop(e, &e.hops[i]); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) checkHop(e *entry, h *hop) error {
	six := e.dst.Addr().Is6()
	switch {
	case h.out != nil && h.out.mtu < minMTU6 && (six || h.via.Is6()):
		return syscall.ENODEV
	case h.via.Is6():
		if err := n.checkGateway6(e, h); err != nil {
			return err
		}
	case h.via.IsValid():
		return n.checkGateway4(e, h)
	}
	switch {
	case h.out == nil:
		return syscall.ENODEV
	case six && !h.out.hasV6():
		return syscall.EACCES
	case !h.out.up:
		return syscall.ENETDOWN
	}
	return nil
}

// checkGateway4 wants the gateway on a link of the node's
// (fib_check_nh_v4_gw, net/ipv4/fib_semantics.c).
func (n *node) checkGateway4(e *entry, h *hop) error {
	onLink := func(o *entry) bool {
		_, ok := o.alive(h.out)
		return ok && o.onLink()
	}
	way, err := n.gateway(e.table, h.via, onLink)
	if err != nil {
		return fmt.Errorf("gateway %s: %w", h.via, syscall.ENETUNREACH)
	}
	if way.kind == broadcastRoute {
		return fmt.Errorf("gateway %s: %w", h.via, syscall.EINVAL)
	}
	used, _ := way.alive(h.out)
	h.out, h.self = used.out, way.kind == localRoute
	if !h.out.up {
		return syscall.ENETDOWN
	}
	return nil
}

// checkGateway6 is the same for IPv6 (ip6_validate_gw, net/ipv6/route.c). A
// link-local gateway needs its interface named, and nothing else.
func (n *node) checkGateway6(e *entry, h *hop) error {
	refuse := func(err error) error { return fmt.Errorf("gateway %s: %w", h.via, err) }
	switch {
	case h.via.IsMulticast(), h.via.IsUnspecified(), h.via.IsLoopback():
		return refuse(syscall.EINVAL)
	case h.out != nil && n.has6(h.via, h.out):
		return refuse(syscall.EINVAL)
	case h.via.IsLinkLocalUnicast() && h.out == nil:
		return refuse(syscall.EINVAL)
	}
	if !h.via.IsLinkLocalUnicast() {
		out, err := n.linkTo6(e.table, h.via, h.out)
		if err != nil {
			return refuse(err)
		}
		h.out = out
	}
	if h.out.loopback() || n.has6(h.via, h.out) {
		return refuse(syscall.EINVAL)
	}
	return nil
}

// linkTo6 is the interface that an IPv6 gateway is on; the loopback is none. A
// table that knows another way to it, or refuses, is passed over in favour of
// all tables.
func (n *node) linkTo6(table int, via netip.Addr, out *link) (*link, error) {
	usable := func(o *entry) bool {
		_, ok := o.alive(out)
		return ok || refusal(o.kind) != nil
	}
	good := func(o *entry, err error) bool {
		return err == nil && !o.hops[0].via.IsValid() && (o.kind == localRoute || !o.hops[0].out.loopback())
	}
	if t := n.tables[table]; t != nil {
		if o, err := t.lookup(via, usable); good(o, err) {
			h, _ := o.alive(out)
			return h.out, nil
		}
	}
	o, err := n.resolve(Flow{To: via}, usable)
	if !good(o, err) {
		return nil, syscall.EHOSTUNREACH
	}
	h, _ := o.alive(out)
	return h.out, nil
}

// gateway looks a gateway up in the route's own table first.
func (n *node) gateway(table int, via netip.Addr, fits func(*entry) bool) (*entry, error) {
	if t := n.tables[table]; t != nil && table != mainTable {
		if e, err := t.lookup(via, fits); err == nil {
			return e, nil
		}
	}
	return n.resolve(Flow{To: via}, fits)
}

// has6 tells whether an IPv6 address is the node's own: a link-local one on
// that interface, others on any.
func (n *node) has6(a netip.Addr, on *link) bool {
	if a.IsLinkLocalUnicast() {
		return len(on.v6At(a)) > 0
	}
	t := n.tables[localTable]
	return t != nil && len(t.routes[host(a)]) > 0
}

// checkSource wants the preferred source to be one of the node's addresses,
// except where IPv4 packets are refused anyway.
func (n *node) checkSource(e *entry) error {
	if !e.src.IsValid() || e.dst.Addr().Is4() && e.kind != plan.Unicast {
		return nil
	}
	if e.src.Is6() != e.dst.Addr().Is6() || !n.isLocal(e.src) {
		return fmt.Errorf("source %s: %w", e.src, syscall.EINVAL)
	}
	return nil
}

// delRoute deletes the first route that has all that is told: metric, gateway,
// interface and source count only where they are given, as for ip route del.
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

// is tells whether the entry is what a deletion means.
func (e *entry) is(r plan.Route, hops []hop) bool {
	switch {
	case r.Kind != plan.Unicast && e.kind != r.Kind,
		r.Metric != 0 && e.metric != r.Metric,
		r.Src.IsValid() && e.src != r.Src,
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
		if e.table != localTable {
			routes = append(routes, e.route())
		}
	}
	return routes, nil
}

func (e *entry) route() plan.Route {
	r := plan.Route{Kind: e.kind, Dst: e.dst, Metric: metricOf(e), Table: tableOf(e), Src: e.src, Proto: e.proto}
	if refusal(e.kind) != nil {
		return r
	}
	for _, h := range e.hops {
		r.Hops = append(r.Hops, plan.NextHop{Via: h.via, Dev: h.out.name})
	}
	return r
}
