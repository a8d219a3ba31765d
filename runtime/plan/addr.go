package plan

import (
	"net/netip"
	"slices"
)

// AddAddr gives an interface an address. IPv6 addresses skip duplicate address
// detection (IFA_F_NODAD): a lab's addresses are usable at once.
type AddAddr struct {
	Node, Link string
	// Addr is the address and the length of its subnet's prefix.
	Addr netip.Prefix
	// Auto marks an address that nsl chose; an explicit one replaces it.
	Auto bool
	// DAD: IPv6 duplicate address detection comes first (RFC 4862, section 5.4), during
	// which the address is not used; otherwise it is used at once.
	DAD bool
	// Duplicate: another interface of the segment has it, too, on purpose.
	Duplicate bool
	AddrOptions
}

// DelAddr takes an address from an interface.
type DelAddr struct {
	Node, Link string
	Addr       netip.Prefix
	Auto       bool
	AddrOptions
	// Was are the ops that bring back the routes that go with the address.
	Was []Op
}

func (AddAddr) op() {}
func (DelAddr) op() {}

// Effect is the address.
func (o AddAddr) Effect() Effect {
	e := about(o.Node, o.Link, o.Addr.String())
	e.Object = o.Addr.String() + " on " + e.Object
	e.Added = []AddrUse{{e.Of, o.Addr, o.Auto}}
	return e
}

// Effect is the loss of the address.
func (o DelAddr) Effect() Effect {
	e := about(o.Node, o.Link, "without "+o.Addr.String())
	e.Object = o.Addr.String() + " on " + e.Object
	e.Deleted = []AddrUse{{e.Of, o.Addr, o.Auto}}
	return e
}

// Inverse deletes the address.
func (o AddAddr) Inverse() []Op {
	return []Op{DelAddr{Node: o.Node, Link: o.Link, Addr: o.Addr, Auto: o.Auto, AddrOptions: o.AddrOptions}}
}

// Inverse adds the address and the routes that went with it.
func (o DelAddr) Inverse() []Op {
	return append([]Op{AddAddr{Node: o.Node, Link: o.Link, Addr: o.Addr, Auto: o.Auto, AddrOptions: o.AddrOptions}}, slices.Clone(o.Was)...)
}

// Commands is ip addr add.
func (o AddAddr) Commands() []Command {
	c := ip(o.Node, append([]string{"addr", "add"}, o.address(o.Addr)...)...)
	c = append(append(c, "dev", o.Link), o.command()...)
	if o.Addr.Addr().Is6() && !o.DAD {
		c = append(c, "nodad")
	}
	return []Command{c}
}

// Commands is ip addr del. With an IPv6 address for a time the kernel does not delete the
// route to its subnet (ipv6_del_addr, net/ipv6/addrconf.c): it is made one without first.
func (o DelAddr) Commands() []Command {
	var list []Command
	if o.RouteStays() {
		list = append(list, append(ip(o.Node, append([]string{"addr", "change"}, o.address(o.Addr)...)...),
			"dev", o.Link, "valid_lft", "forever", "preferred_lft", "forever"))
	}
	return append(list, append(ip(o.Node, append([]string{"addr", "del"}, o.address(o.Addr)...)...), "dev", o.Link))
}

// RouteStays reports an address whose deletion alone leaves the route to its subnet.
func (o DelAddr) RouteStays() bool {
	return o.Valid != 0 && o.Addr.Addr().Is6() && !o.NoPrefixRoute
}

// BroadcastOf is the last address of an IPv4 subnet, to which its neighbours listen; it
// reports false for a subnet without one (RFC 3021).
func BroadcastOf(p netip.Prefix) (netip.Addr, bool) {
	if !p.Addr().Is4() || p.Bits() > 30 || p.Bits() < 0 {
		return netip.Addr{}, false
	}
	return LastAddr(p), true
}

// LastAddr is the last address of a subnet: the one with all host bits set.
func LastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
