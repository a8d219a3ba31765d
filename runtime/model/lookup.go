package model

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"nsl/runtime/plan"
)

// Flow is what the choice of a route looks at.
type Flow struct {
	// From is the source; the zero Addr for a packet of the node's own that has
	// none yet.
	From, To netip.Addr
	// IIf is the interface that a packet came in on; "" for the node's own.
	IIf string
	// OIf is the interface that it must leave by, or "". The zone of To does the
	// same.
	OIf string
	// Mark is the firewall mark.
	Mark uint32
}

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

// resolve follows the policy rules to the first route that fits. Until there
// are rules besides the kernel's own, the IPv4 tables local and main are one
// (fib_unmerge, net/ipv4/fib_frontend.c).
func (n *node) resolve(f Flow, fits func(*entry) bool) (*entry, error) {
	if f.To.Is4() && !n.unmerged {
		return n.resolveMerged(f.To, fits)
	}
	for _, r := range n.rules[family(f.To)] {
		t := n.tables[r.Table]
		if t == nil || !matches(r, f) {
			continue
		}
		e, err := t.lookup(f.To, fits)
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

// matches reports whether a rule applies (fib_rule_match, net/core/fib_rules.c).
func matches(r plan.Rule, f Flow) bool {
	iif := f.IIf
	if iif == "" {
		iif = plan.Loopback
	}
	switch {
	case r.From.IsValid() && !r.From.Contains(f.From),
		r.To.IsValid() && !r.To.Contains(f.To),
		r.IIf != "" && r.IIf != iif,
		r.FWMark != 0 && r.FWMark != f.Mark:
		return false
	}
	return true
}

// RouteTo is what the node's kernel would do with a packet of its own. As in
// the kernel's answer, the destination is the address itself and the Kind is
// "local" for an address of the node's. A refusal is the kernel's:
// syscall.ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL.
func (m *Model) RouteTo(node string, to netip.Addr) (plan.Route, error) {
	return m.RouteFlow(node, Flow{To: to})
}

// RouteFlow is RouteTo for a packet with a source, or one that came in.
func (m *Model) RouteFlow(node string, f Flow) (plan.Route, error) {
	n, err := m.node(node)
	if err != nil {
		return plan.Route{}, err
	}
	out, err := n.outOf(f)
	if err != nil {
		return plan.Route{}, err
	}
	f.To = f.To.WithZone("")
	e, err := n.resolve(f, func(e *entry) bool {
		_, ok := e.alive(out)
		return ok || refusal(e.kind) != nil
	})
	if errors.Is(err, errNone) {
		err = syscall.ENETUNREACH
	}
	if err != nil {
		return plan.Route{}, fmt.Errorf("%s from %s: %w", f.To, node, err)
	}
	return n.answer(e, f.To, out), nil
}

// outOf is the interface that a flow must leave by, or nil.
func (n *node) outOf(f Flow) (*link, error) {
	name := f.OIf
	if name == "" {
		name = f.To.Zone()
	}
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
		dev = n.links[plan.Loopback]
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
	return r
}

// source is the address that the node's own packets get.
func (n *node) source(h hop, to netip.Addr) netip.Addr {
	if to.Is6() {
		return n.source6(h.out, to)
	}
	if a := h.out.source4(h.via); a.IsValid() {
		return a
	}
	for _, l := range n.byIndex {
		if a := l.source4(netip.Addr{}); a.IsValid() {
			return a
		}
	}
	return netip.Addr{}
}

// source4 is the primary address of the gateway's subnet, or else the first
// (inet_select_addr, net/ipv4/devinet.c).
func (l *link) source4(via netip.Addr) (first netip.Addr) {
	for _, a := range l.v4 {
		if a.secondary || a.Addr().IsLoopback() {
			continue
		}
		if !via.IsValid() || a.Masked().Contains(via) {
			return a.Addr()
		}
		if !first.IsValid() {
			first = a.Addr()
		}
	}
	return first
}

// source6 prefers addresses of the outgoing interface and, of these, the one
// with the longest common prefix; ::1 is the last resort (RFC 6724, section 5,
// rules 2, 5 and 8).
func (n *node) source6(out *link, to netip.Addr) netip.Addr {
	if best := nearest(to, out); best.IsValid() {
		return best
	}
	if best := nearest(to, n.byIndex...); best.IsValid() {
		return best
	}
	if len(n.links[plan.Loopback].v6At(netip.IPv6Loopback())) > 0 {
		return netip.IPv6Loopback()
	}
	return netip.Addr{}
}

// nearest is the address with the longest prefix in common with to.
func nearest(to netip.Addr, links ...*link) (best netip.Addr) {
	most := -1
	for _, l := range links {
		for _, a := range l.v6 {
			if bits := common(a.Addr(), to); !a.Addr().IsLoopback() && bits > most {
				best, most = a.Addr(), bits
			}
		}
	}
	return best
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
