package model

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// madeRoute identifies a route that the kernel keeps for an address.
type madeRoute struct {
	table int
	kind  string
	dst   netip.Prefix
	src   netip.Addr
}

// sync makes the routes that the link's addresses call for, and deletes those
// that they no longer call for. One that someone deleted stays deleted until
// its cause is renewed, as in the kernel.
func (l *link) sync() {
	want := l.wanted()
	for key, e := range l.made {
		if _, keep := want[key]; !keep {
			delete(l.made, key)
			l.node.remove(e)
		}
	}
	l.make(want)
}

// make makes the routes that are missing.
func (l *link) make(want map[madeRoute]struct{}) {
	if l.made == nil && len(want) > 0 {
		l.made = make(map[madeRoute]*entry, len(want))
	}
	for key := range want {
		if l.made[key] == nil {
			l.made[key] = l.makeRoute(key)
		}
	}
}

// syncAdded makes the routes that a new address calls for: it does what sync does, and
// leaves out the link's other addresses.
func (l *link) syncAdded(p netip.Prefix) {
	want := map[madeRoute]struct{}{}
	switch i := slices.IndexFunc(l.v4, func(a addr) bool { return a.Prefix == p }); {
	case p.Addr().Is6():
		l.want6(want, l.v6At(p.Addr())[0])
	case i < 0: // 0.0.0.0 is forgotten at once
	default:
		l.want4(want, l.v4[i])
	}
	l.make(want)
}

func (l *link) makeRoute(key madeRoute) *entry {
	e := &entry{kind: key.kind, dst: key.dst, table: key.table, src: key.src, proto: plan.ProtoKernel, hops: []hop{{out: l}}}
	if key.dst.Addr().Is6() && key.kind == "" {
		e.metric = connectedMetric6
	}
	l.node.insert(e)
	return e
}

// wanted are the routes that the link's addresses call for.
func (l *link) wanted() map[madeRoute]struct{} {
	want := make(map[madeRoute]struct{}, 3*(len(l.v4)+len(l.v6)))
	for _, a := range l.v4 {
		l.want4(want, a)
	}
	for _, a := range l.v6 {
		l.want6(want, a)
	}
	return want
}

// want4 adds the routes that an IPv4 address calls for. Of several that differ in their
// prefix length only, the first one's makes the route to it.
func (l *link) want4(want map[madeRoute]struct{}, a addr) {
	source := a.Addr()
	if a.secondary {
		source = l.primaryOf(a)
	} else {
		l.wantSubnet(want, a)
	}
	if first := slices.IndexFunc(l.v4, func(o addr) bool { return o.Addr() == a.Addr() }); l.v4[first] == a {
		want[madeRoute{l.table(localTable), localRoute, host(a.Addr()), source}] = struct{}{}
	}
}

// primaryOf is the primary address of a secondary one.
func (l *link) primaryOf(a addr) netip.Addr {
	i := slices.IndexFunc(l.v4, func(o addr) bool { return !o.secondary && o.sameSubnet(a) })
	if i < 0 {
		return netip.Addr{}
	}
	return l.v4[i].Addr()
}

func (l *link) want6(want map[madeRoute]struct{}, a addr) {
	want[madeRoute{table: l.table(localTable), kind: localRoute, dst: host(a.Addr())}] = struct{}{}
	if l.up && !a.Addr().IsLoopback() && !a.options.NoPrefixRoute {
		want[madeRoute{table: l.table(mainTable), dst: a.Masked()}] = struct{}{}
	}
	if l.up && a.options.Peer.IsValid() {
		want[madeRoute{table: l.table(mainTable), dst: host(a.options.Peer)}] = struct{}{}
	}
}

// wantSubnet adds the routes to an IPv4 address's subnet and to its broadcast
// address; a /32 has no subnet and a /31 no broadcast (RFC 3021). On the
// loopback the whole subnet is local, and stays so when it goes down
// (fib_add_ifaddr, net/ipv4/fib_frontend.c).
func (l *link) wantSubnet(want map[madeRoute]struct{}, p addr) {
	subnet := p.subnet()
	if subnet.Addr().As4()[0] == 0 {
		return
	}
	key := madeRoute{l.table(mainTable), "", subnet, p.Addr()}
	if l.loopback() {
		key.table, key.kind = localTable, localRoute
	}
	if (p.Bits() < 32 || p.options.Peer.IsValid()) && !p.options.NoPrefixRoute && (l.up || l.loopback() && l.made[key] != nil) {
		want[key] = struct{}{}
	}
	if p.Bits() < 31 && l.up {
		want[madeRoute{l.table(localTable), broadcastRoute, host(plan.LastAddr(subnet)), p.Addr()}] = struct{}{}
	}
}

func host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
