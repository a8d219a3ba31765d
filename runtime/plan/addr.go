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
}

// DelAddr takes an address from an interface.
type DelAddr struct {
	Node, Link string
	Addr       netip.Prefix
	Auto       bool
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
	return []Op{DelAddr{Node: o.Node, Link: o.Link, Addr: o.Addr, Auto: o.Auto}}
}

// Inverse adds the address and the routes that went with it.
func (o DelAddr) Inverse() []Op {
	return append([]Op{AddAddr{o.Node, o.Link, o.Addr, o.Auto}}, slices.Clone(o.Was)...)
}

// Commands is ip addr add.
func (o AddAddr) Commands() []Command {
	c := ip(o.Node, "addr", "add", o.Addr.String(), "dev", o.Link)
	if o.Addr.Addr().Is6() {
		c = append(c, "nodad")
	}
	return []Command{c}
}

// Commands is ip addr del.
func (o DelAddr) Commands() []Command {
	return []Command{ip(o.Node, "addr", "del", o.Addr.String(), "dev", o.Link)}
}
