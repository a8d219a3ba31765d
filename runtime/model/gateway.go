package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

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
	case h.onlink && h.out == nil:
		return syscall.ENODEV
	case h.out != nil && h.out.mtu < plan.MinMTU6 && (six || h.via.Is6()):
		return syscall.ENODEV
	case h.via.Is6():
		if err := n.checkGateway6(e, h); err != nil {
			return err
		}
	case h.via.IsValid() && h.onlink:
		return n.checkOnLink4(h)
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

// checkOnLink4 takes any gateway on an interface that is up, but the node's own address
// there, and broadcasts; all are while the node never had an address
// (__inet_dev_addr_type, net/ipv4/fib_frontend.c).
func (n *node) checkOnLink4(h *hop) error {
	if !h.out.up {
		return syscall.ENETDOWN
	}
	bad := h.via.IsMulticast() || h.via.IsUnspecified() || !n.local4
	if t := n.tables[localTable]; t != nil && !bad {
		o := t.first(h.via, func(*entry) bool { return true })
		bad = o != nil && o.over(h.out)
	}
	if bad {
		return fmt.Errorf("gateway %s: %w", h.via, syscall.EINVAL)
	}
	return nil
}

// checkGateway6 is the same for IPv6 (ip6_validate_gw, net/ipv6/route.c). A
// link-local gateway needs its interface named, and nothing else.
func (n *node) checkGateway6(e *entry, h *hop) error {
	refuse := func(err error) error { return fmt.Errorf("gateway %s: %w", h.via, err) }
	switch {
	case h.onlink && !h.out.up:
		return syscall.ENETDOWN
	case h.via.IsMulticast(), h.via.IsUnspecified(), h.via.IsLoopback():
		return refuse(syscall.EINVAL)
	case h.out != nil && n.has6(h.via, h.out):
		return refuse(syscall.EINVAL)
	case h.via.IsLinkLocalUnicast() && h.out == nil:
		return refuse(syscall.EINVAL)
	}
	if !h.via.IsLinkLocalUnicast() && !h.onlink {
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
	o, err := n.resolve(plan.RouteQuery{Dst: via}, usable)
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
	return n.resolve(plan.RouteQuery{Dst: via}, fits)
}

// has6 reports whether an IPv6 address is the node's own: a link-local one on
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
