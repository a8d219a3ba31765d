package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// addr is an address of an interface. A secondary one is of the subnet of
// another, its primary (ip-address(8)).
type addr struct {
	netip.Prefix
	secondary bool
	options   plan.AddrOptions
}

// loopback addresses, which the kernel gives to lo when it comes up.
func loopbackV4() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 8) }
func loopbackV6() netip.Prefix { return netip.PrefixFrom(netip.IPv6Loopback(), 128) }

func (l *link) addLoopbackAddrs() {
	if !slices.ContainsFunc(l.v4, func(a addr) bool { return a.Prefix == loopbackV4() }) {
		l.insertV4(addr{Prefix: loopbackV4()})
	}
	if l.hasV6() && len(l.v6At(netip.IPv6Loopback())) == 0 {
		l.insertV6(addr{Prefix: loopbackV6()})
	}
}

func (l *link) addrError(p netip.Prefix, err error) error {
	return fmt.Errorf("%s on %s: %w", p, l.place(), err)
}

func (l *link) addAddr(p netip.Prefix, o plan.AddrOptions) error {
	add := l.addV4
	if p.Addr().Is6() {
		add = l.addV6
		o.Label, o.Scope = "", ""
	}
	_, has := plan.BroadcastOf(p)
	o.Broadcast = o.Broadcast && has
	if o.Label == l.name {
		o.Label = ""
	}
	if o.Peer == p.Addr() {
		o.Peer = netip.Addr{}
	}
	a := addr{Prefix: p, options: o}
	if !p.IsValid() {
		return l.addrError(p, syscall.EINVAL)
	}
	if err := add(a); err != nil {
		return l.addrError(p, err)
	}
	l.syncAdded(p)
	return nil
}

func (l *link) addV4(p addr) error {
	if slices.ContainsFunc(l.v4, func(a addr) bool { return a.Addr() == p.Addr() && a.sameSubnet(p) }) {
		return syscall.EEXIST
	}
	if p.Addr().IsUnspecified() {
		return nil // the kernel takes it and forgets it
	}
	if l.addrTaken(p.Addr()) {
		return syscall.EADDRINUSE
	}
	if slices.ContainsFunc(l.v4, func(a addr) bool { return !a.secondary && a.sameSubnet(p) && a.scope() != p.scope() }) {
		return syscall.EINVAL
	}
	l.insertV4(p)
	if l.up && l.dead > 0 {
		l.revive(false)
	}
	return nil
}

// addrTaken reports that an ipvlan cannot have an address, as one on the same
// interface has it: their addresses distinguish them
// (ipvlan_addr4_validator_event, drivers/net/ipvlan/ipvlan_main.c).
func (l *link) addrTaken(a netip.Addr) bool {
	if l.kind != plan.IPVLAN {
		return false
	}
	for u := range l.lower.uppers {
		if u.kind == plan.IPVLAN && slices.ContainsFunc(slices.Concat(u.v4, u.v6), func(o addr) bool { return o.Addr() == a }) {
			return true
		}
	}
	return false
}

// insertV4 keeps the primary addresses in front of the secondary ones, and
// those of scope host in front of others (__inet_insert_ifa).
func (l *link) insertV4(p addr) {
	at := 0
	for i, a := range l.v4 {
		if a.secondary {
			continue
		}
		if a.sameSubnet(p) {
			p.secondary = true
			l.v4 = append(l.v4, p)
			return
		}
		if p.scope() <= a.scope() {
			at = i + 1
		}
	}
	l.v4 = slices.Insert(l.v4, at, p)
	l.conf[v4].fix(l.node.sys.def[v4])
}

// hasV6 reports whether the interface does IPv6 at all.
func (l *link) hasV6() bool { return l.mtu >= plan.MinMTU6 && !on(l.setting(v6, "disable_ipv6")) }

func (l *link) addV6(p addr) error {
	a := p.Addr()
	switch {
	case l.mtu < plan.MinMTU6:
		return syscall.EINVAL
	case !l.hasV6():
		return syscall.EACCES
	case l.addrTaken(a):
		return syscall.EADDRINUSE
	case len(l.v6At(a)) > 0:
		return syscall.EEXIST
	case a.IsUnspecified(), a.IsMulticast(), a.IsLoopback() && !l.loopback():
		return syscall.EADDRNOTAVAIL
	}
	l.insertV6(p)
	return nil
}

// insertV6 puts global addresses in front of link-local ones and new ones in
// front of old ones (ipv6_link_dev_addr).
func (l *link) insertV6(p addr) {
	at := slices.IndexFunc(l.v6, func(a addr) bool { return scope6(a.Addr()) <= scope6(p.Addr()) })
	if at < 0 {
		at = len(l.v6)
	}
	l.v6 = slices.Insert(l.v6, at, p)
}

// scope6 is an address's scope in the order of RFC 4007: 1 for the node, 2 for
// the link, 14 for global ones.
func scope6(a netip.Addr) int {
	switch {
	case a.IsLoopback():
		return 1
	case a.IsLinkLocalUnicast():
		return linkLocal6
	}
	return 14
}

const linkLocal6 = 2

func (l *link) v6At(a netip.Addr) []addr {
	i := slices.IndexFunc(l.v6, func(b addr) bool { return b.Addr() == a })
	if i < 0 {
		return nil
	}
	return l.v6[i : i+1]
}

func (l *link) delAddr(p netip.Prefix, o plan.AddrOptions) error {
	list := &l.v4
	if p.Addr().Is6() {
		list = &l.v6
		if l.mtu < plan.MinMTU6 {
			return l.addrError(p, syscall.ENXIO)
		}
	}
	i := slices.IndexFunc(*list, func(a addr) bool { return a.Prefix == p && (p.Addr().Is6() || a.subnet() == o.Subnet(p)) })
	if i < 0 {
		return l.addrError(p, syscall.EADDRNOTAVAIL)
	}
	gone := []addr{(*list)[i]}
	*list = slices.Delete(*list, i, i+1)
	if p.Addr().Is4() && !gone[0].secondary {
		gone = append(gone, l.primaryGone(gone[0])...)
	}
	l.sync()
	l.addrsWent(gone)
	if p.Addr().Is4() && len(l.v4) == 0 {
		l.forgetNeighbours(false)
		l.killFamily(false)
	}
	return nil
}

// primaryGone makes a secondary address of the subnet its primary, or deletes
// them all (promote_secondaries; Documentation/networking/ip-sysctl.rst).
func (l *link) primaryGone(p addr) (gone []addr) {
	ofSubnet := func(a addr) bool { return a.secondary && a.sameSubnet(p) }
	i := slices.IndexFunc(l.v4, ofSubnet)
	if i < 0 {
		return nil
	}
	if !l.promotes() {
		for _, a := range l.v4 {
			if ofSubnet(a) {
				gone = append(gone, a)
			}
		}
		l.v4 = slices.DeleteFunc(l.v4, ofSubnet)
		return gone
	}
	promoted := l.v4[i]
	promoted.secondary = false
	l.v4 = slices.Delete(l.v4, i, i+1)
	at := slices.IndexFunc(l.v4, func(a addr) bool { return a.secondary })
	if at < 0 {
		at = len(l.v4)
	}
	l.v4 = slices.Insert(l.v4, at, promoted)
	return nil
}

func (l *link) promotes() bool {
	const key = "promote_secondaries"
	return on(l.setting(v4, key)) || on(l.node.sys.all[v4][key])
}

// addrsWent takes care of the routes that had a deleted address as their
// preferred source: the kernel deletes those of IPv4, and forgets the
// preference of those of IPv6.
func (l *link) addrsWent(gone []addr) {
	if l.node.sourced == 0 {
		return
	}
	for _, a := range gone {
		if a.Addr().Is6() {
			l.node.forgetSource(a.Addr(), l)
		} else if !l.node.isLocal(a.Addr()) {
			l.node.dropSourced(a.Addr())
		}
	}
}

// dropV6 takes all IPv6 addresses away.
func (l *link) dropV6() {
	gone := l.v6
	l.v6 = nil
	l.sync()
	l.addrsWent(gone)
}

// addrsGone takes all addresses away, as the interface goes. Routes that prefer
// a secondary one as their source stay then (fib_del_ifaddr).
func (l *link) addrsGone() {
	gone := slices.DeleteFunc(l.v4, func(a addr) bool { return a.secondary })
	l.v4 = nil
	l.dropV6()
	l.addrsWent(gone)
}

// addrs are the addresses as the kernel lists them.
func (l *link) addrs() []netip.Prefix {
	if len(l.v4)+len(l.v6) == 0 {
		return nil
	}
	all := make([]netip.Prefix, 0, len(l.v4)+len(l.v6))
	for _, a := range l.v4 {
		all = append(all, a.Prefix)
	}
	for _, a := range l.v6 {
		all = append(all, a.Prefix)
	}
	return all
}

// isLocal reports whether an IPv4 address is one of the node's.
func (n *node) isLocal(a netip.Addr) bool {
	t := n.tables[localTable]
	if t == nil {
		return false
	}
	e := t.first(a, func(*entry) bool { return true })
	return e != nil && e.kind == localRoute
}
