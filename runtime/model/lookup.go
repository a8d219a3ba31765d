package model

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// errNone means that a table, or all of them, has no route.
var errNone = errors.New("no route")

// refusals are what the kernel answers for routes that refuse (fib_props,
// net/ipv4/fib_semantics.c).
func refusal(kind string) error {
	switch kind {
	case plan.Blackhole:
		return syscall.EINVAL
	case plan.Unreachable:
		return syscall.EHOSTUNREACH
	case plan.Prohibit:
		return syscall.EACCES
	case throwRoute:
		return errNone
	}
	return nil
}

// ruleRefusal is what the kernel answers for rules that refuse (fib4_rule_action,
// net/ipv4/fib_rules.c).
func ruleRefusal(kind string) error {
	if kind == plan.Unreachable {
		return syscall.ENETUNREACH
	}
	return refusal(kind)
}

// resolve follows the policy rules to the first route that fits. Until there
// are rules besides the kernel's own, the IPv4 tables local and main are one
// (fib_unmerge, net/ipv4/fib_frontend.c).
func (n *node) resolve(q plan.RouteQuery, fits func(*entry) bool) (*entry, error) {
	if q.Dst.Is4() && !n.unmerged {
		return n.resolveMerged(q.Dst, fits)
	}
	for _, r := range n.rules[family(q.Dst)] {
		if r.Other == ofVRF {
			r = plan.Rule{Table: n.vrfTable(q)}
		}
		if !r.Matches(q) {
			continue
		}
		if r.Kind != "" {
			return nil, ruleRefusal(r.Kind)
		}
		t := n.tables[r.Table]
		if t == nil {
			continue
		}
		e, err := t.lookup(q.Dst, fits)
		if !errors.Is(err, errNone) {
			return e, err
		}
	}
	return nil, errNone
}

// resolveMerged takes the longest prefix of the tables local and main.
func (n *node) resolveMerged(to netip.Addr, fits func(*entry) bool) (*entry, error) {
	var best *entry
	for _, id := range []int{localTable, mainTable} {
		if t := n.tables[id]; t != nil {
			if e := t.first(to, fits); e != nil && (best == nil || e.dst.Bits() > best.dst.Bits()) {
				best = e
			}
		}
	}
	if best != nil {
		if err := refusal(best.kind); !errors.Is(err, errNone) {
			return best, err
		}
	}
	if t := n.tables[defaultTable]; t != nil {
		return t.lookup(to, fits)
	}
	return nil, errNone
}

// lookup is the table's route to an address, or its refusal.
func (t *fib) lookup(to netip.Addr, fits func(*entry) bool) (*entry, error) {
	e := t.first(to, fits)
	if e == nil {
		return nil, errNone
	}
	return e, refusal(e.kind)
}

// RouteTo is what the node's kernel would do with a packet; see [plan.View].
func (m *Model) RouteTo(node string, q plan.RouteQuery) (plan.Route, error) {
	n, err := m.node(node)
	if err != nil {
		return plan.Route{}, err
	}
	out, err := n.outOf(q)
	if err != nil {
		return plan.Route{}, err
	}
	if q.IIf != "" {
		if _, err := n.link(q.IIf); err != nil {
			return plan.Route{}, err
		}
	}
	q.Dst, q.Src = q.Dst.WithZone(""), q.Src.WithZone("")
	if out != nil && out.kind == plan.VRF { // it is where to look, and not what leaves (l3mdev_update_flow)
		out = nil
	}
	e, err := n.resolve(q, func(e *entry) bool {
		_, ok := e.alive(out)
		return ok || refusal(e.kind) != nil
	})
	if errors.Is(err, errNone) {
		err = syscall.ENETUNREACH
	}
	if q.Dst.Is4() && (q.IIf != "" || q.Src.IsValid()) {
		err = m.check4(n, q, e, err)
	}
	if err != nil {
		return plan.Route{}, fmt.Errorf("%s from %s: %w", q.Dst, node, err)
	}
	r := n.answer(e, q.Dst, out)
	if !q.Own() {
		r.Src = netip.Addr{}
	}
	if q.IIf != "" && r.Kind == broadcastRoute {
		r.Hops[0].Dev = plan.Loopback // as for what is the node's own
	}
	return r, nil
}

// outOf is the interface that a packet must leave by, or nil.
func (n *node) outOf(q plan.RouteQuery) (*link, error) {
	name := q.Out()
	if name == "" {
		return nil, nil
	}
	return n.link(name)
}

// alive is the first way that can be used, over a given interface or any.
func (e *entry) alive(out *link) (hop, bool) {
	for _, h := range e.hops {
		if !h.dead && (out == nil || h.out == out) {
			return h, true
		}
	}
	return hop{}, false
}

// answer is a route as the kernel reports it when asked for one destination.
func (n *node) answer(e *entry, to netip.Addr, out *link) plan.Route {
	h, _ := e.alive(out)
	r := plan.Route{Kind: e.kind, Dst: host(to), Proto: e.proto, Table: tableOf(e), Src: e.src}
	if to.Is6() {
		r.Metric = metricOf(e)
	}
	dev := h.out
	switch {
	case e.kind == localRoute:
		if dev = n.links[plan.Loopback]; h.out.domain() != nil {
			dev = h.out.domain()
		}
		if !r.Src.IsValid() {
			r.Src = to
		}
	case to.Is4() && to.IsMulticast():
		r.Kind = "multicast"
	case to == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		r.Kind = broadcastRoute
	}
	if !r.Src.IsValid() {
		r.Src = n.source(h, to)
	}
	if h.self {
		h.via = netip.Addr{}
	}
	r.Hops = []plan.NextHop{{Via: h.via, Dev: dev.name}}
	if r.Kind == plan.Unicast {
		r.MTU, r.MTULock = e.mtu, e.mtuLock
	}
	return r
}

// source is the address that the node's own packets get.
func (n *node) source(h hop, to netip.Addr) netip.Addr {
	if to.Is6() {
		return n.source6(h.out, to)
	}
	scope := linkScope // what is on the link takes an address of the link
	if h.via.IsValid() {
		scope = 0
	}
	if a := h.out.source4(h.via, scope); a.IsValid() {
		return a
	}
	for _, l := range n.byIndex {
		for _, a := range l.v4 {
			if !a.secondary && a.scope() <= scope && a.scope() != linkScope {
				return a.Addr()
			}
		}
	}
	return netip.Addr{}
}

// source4 is the primary address of the gateway's subnet, or else the first, of those
// whose scope is not narrower (inet_select_addr, net/ipv4/devinet.c).
func (l *link) source4(via netip.Addr, scope int) (first netip.Addr) {
	for _, a := range l.v4 {
		if a.secondary || a.scope() > scope {
			continue
		}
		if !via.IsValid() || a.subnet().Contains(via) {
			return a.Addr()
		}
		if !first.IsValid() {
			first = a.Addr()
		}
	}
	return first
}

// source6 is the best address by RFC 6724, section 5, rules 2 (scope), 3 (not deprecated),
// 5 (of the outgoing interface) and 8 (longest common prefix); ::1 is the last resort.
func (n *node) source6(out *link, to netip.Addr) (best netip.Addr) {
	var most [4]int
	for _, l := range n.byIndex {
		if l != out && scope6(to) <= linkLocal6 {
			continue
		}
		for _, a := range l.v6 {
			points := [4]int{scopePoints(a.Addr(), to), -boolInt(a.options.Deprecated), boolInt(l == out), common(a.Addr(), to)}
			if !a.Addr().IsLoopback() && (!best.IsValid() || slices.Compare(points[:], most[:]) > 0) {
				best, most = a.Addr(), points
			}
		}
	}
	if !best.IsValid() && len(n.links[plan.Loopback].v6At(netip.IPv6Loopback())) > 0 {
		return netip.IPv6Loopback()
	}
	return best
}

// scopePoints orders sources by their scope: the narrowest that reaches the destination
// first, then the widest that does not.
func scopePoints(a, to netip.Addr) int {
	if s := scope6(a); s < scope6(to) {
		return s - 100
	}
	return -scope6(a)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// common is the length of the prefix that two addresses share, in bits.
func common(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	for i := range 128 {
		if bit := byte(0x80 >> (i % 8)); (x[i/8]^y[i/8])&bit != 0 {
			return i
		}
	}
	return 128
}
