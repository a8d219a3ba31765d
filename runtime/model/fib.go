package model

import (
	"cmp"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

const (
	// The kernel's own tables (<linux/rtnetlink.h>).
	mainTable    = plan.MainTable
	defaultTable = 253
	localTable   = 255

	// Kinds of routes that no op makes.
	localRoute     = "local"
	broadcastRoute = "broadcast"
	throwRoute     = "throw"

	// Metrics of IPv6 routes (<linux/ipv6_route.h>): of connected ones, and of
	// those that are added with none.
	connectedMetric6 = 256
	userMetric6      = 1024
)

// hop is one way that a route goes.
type hop struct {
	via netip.Addr
	out *link
	// self reports that the gateway is the node's own address: packets then go to
	// their destination directly.
	self bool
	// dead reports that it is not used: the interface went down, while the route
	// has other ways.
	dead bool
	// onlink and weight are of plan.NextHop.
	onlink bool
	weight int
}

// entry is a route in a table.
type entry struct {
	kind          string
	dst           netip.Prefix
	metric, table int
	src           netip.Addr
	proto         string
	hops          []hop
	mtu           int
	mtuLock       bool
}

// onLink reports whether the destination is on the link, or the node itself: only
// such routes lead to a gateway (scope link or host; ip-route(8)).
func (e *entry) onLink() bool {
	switch e.kind {
	case localRoute, broadcastRoute:
		return true
	case plan.Unicast:
		return len(e.hops) == 1 && !e.hops[0].via.IsValid()
	}
	return false
}

// over reports whether the route has a way over the interface.
func (e *entry) over(l *link) bool {
	return slices.ContainsFunc(e.hops, func(h hop) bool { return h.out == l })
}

// fib is a routing table, both families.
type fib struct {
	routes map[netip.Prefix][]*entry
	// bits are the prefix lengths in use, longest first, IPv4's and IPv6's.
	bits [2][]bitsUsed
}

type bitsUsed struct{ bits, n int }

func family(a netip.Addr) int {
	if a.Is6() {
		return v6
	}
	return v4
}

func (t *fib) use(p netip.Prefix, by int) {
	list := &t.bits[family(p.Addr())]
	i, found := slices.BinarySearchFunc(*list, p.Bits(), func(b bitsUsed, bits int) int { return bits - b.bits })
	if !found {
		*list = slices.Insert(*list, i, bitsUsed{bits: p.Bits()})
	}
	if (*list)[i].n += by; (*list)[i].n == 0 {
		*list = slices.Delete(*list, i, i+1)
	}
}

// insert puts a route after those of the same destination with the same metric.
func (n *node) insert(e *entry) {
	t := n.tables[e.table]
	if t == nil {
		t = &fib{routes: map[netip.Prefix][]*entry{}}
		n.tables[e.table] = t
	}
	n.local4 = n.local4 || e.table == localTable && e.dst.Addr().Is4()
	list := t.routes[e.dst]
	if len(list) == 0 {
		t.use(e.dst, 1)
	}
	i := len(list)
	for i > 0 && list[i-1].metric > e.metric {
		i--
	}
	t.routes[e.dst] = slices.Insert(list, i, e)
	for _, h := range e.hops {
		h.out.use(e)
	}
	if n.counts(e) {
		n.sourced++
	}
}

// counts tells routes that an address of theirs can take away.
func (n *node) counts(e *entry) bool { return e.src.IsValid() && e.proto != plan.ProtoKernel }

func (l *link) use(e *entry) {
	if l.uses == nil {
		l.uses = map[*entry]struct{}{}
	}
	l.uses[e] = struct{}{}
}

// remove takes a route out; one that is gone already does not matter.
func (n *node) remove(e *entry) {
	t := n.tables[e.table]
	if t == nil {
		return
	}
	list := t.routes[e.dst]
	i := slices.Index(list, e)
	if i < 0 {
		return
	}
	if len(list) == 1 {
		delete(t.routes, e.dst)
		t.use(e.dst, -1)
	} else {
		t.routes[e.dst] = slices.Delete(list, i, i+1)
	}
	for _, h := range e.hops {
		delete(h.out.uses, e)
		if h.dead {
			h.out.dead--
		}
	}
	if n.counts(e) {
		n.sourced--
	}
}

// killHops ends the use of an interface by a route, and the route when it has
// no other way.
func (n *node) killHops(e *entry, l *link) {
	alive := false
	for i := range e.hops {
		h := &e.hops[i]
		if h.out == l && !h.dead {
			h.dead = true
			l.dead++
		}
		alive = alive || !h.dead
	}
	if !alive {
		n.remove(e)
	}
}

// killFamily ends the use of an interface by the routes of one family.
func (l *link) killFamily(six bool) {
	for e := range l.uses {
		if e.dst.Addr().Is6() == six {
			l.node.killHops(e, l)
		}
	}
}

// revive lets the routes of one family that still exist use the interface again.
func (l *link) revive(six bool) {
	for e := range l.uses {
		if e.dst.Addr().Is6() != six {
			continue
		}
		for i := range e.hops {
			if h := &e.hops[i]; h.out == l && h.dead {
				h.dead = false
				l.dead--
			}
		}
	}
}

// dropSourced deletes the IPv4 routes of the main table with that preferred
// source; the kernel looks in no other (fib_sync_down_addr).
func (n *node) dropSourced(a netip.Addr) {
	for _, e := range n.all() {
		if e.src == a && e.table == mainTable && n.counts(e) {
			n.remove(e)
		}
	}
}

// forgetSource takes the preferred source from IPv6 routes over an interface.
func (n *node) forgetSource(a netip.Addr, l *link) {
	for _, e := range n.all() {
		if e.src == a && n.counts(e) && e.over(l) {
			e.src = netip.Addr{}
			n.sourced--
		}
	}
}

// all are the node's routes of all tables: IPv4 before IPv6, then by table,
// destination and metric.
func (n *node) all() []*entry {
	var list []*entry
	for _, t := range n.tables {
		for _, routes := range t.routes {
			list = append(list, routes...)
		}
	}
	slices.SortStableFunc(list, func(a, b *entry) int {
		return cmp.Or(
			cmp.Compare(family(a.dst.Addr()), family(b.dst.Addr())),
			cmp.Compare(a.table, b.table),
			a.dst.Addr().Compare(b.dst.Addr()),
			cmp.Compare(a.dst.Bits(), b.dst.Bits()),
			cmp.Compare(a.metric, b.metric),
		)
	})
	return list
}

// first is the first route to an address, longest prefix first, that fits.
func (t *fib) first(to netip.Addr, fits func(*entry) bool) *entry {
	for _, b := range t.bits[family(to)] {
		p, err := to.Prefix(b.bits)
		if err != nil {
			continue
		}
		for _, e := range t.routes[p] {
			if fits(e) {
				return e
			}
		}
	}
	return nil
}
