package lab

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Cabled reports whether a node has an interface besides lo.
func Cabled(view verb.Lab, node string) bool {
	links, err := view.Links(node)
	return err == nil && slices.ContainsFunc(links, func(l plan.Link) bool { return l.Name != plan.Loopback })
}

// LinksAt are the interface that is named, or all of a node; gone says what of
// them is not there any more.
func LinksAt(view verb.Lab, r plan.Ref) (links []plan.Link, gone string, err error) {
	if r.Link == "" {
		links, err = view.Links(r.Node)
	} else {
		var l plan.Link
		l, err = view.Link(r.Node, r.Link)
		links = []plan.Link{l}
	}
	switch {
	case errors.Is(err, plan.ErrNoNode):
		return nil, NoMore(r.Node), nil
	case errors.Is(err, plan.ErrNoLink):
		return nil, NoMore(r.String()), nil
	}
	return links, "", err
}

// GlobalAddrs are the addresses of a node that others can use, IPv4 first, in
// the order of its interfaces.
func GlobalAddrs(view plan.View, node, link string) ([]netip.Prefix, error) {
	uses, err := GlobalUses(view, node, link)
	var list []netip.Prefix
	for _, u := range uses {
		list = append(list, u.Addr)
	}
	return list, err
}

// GlobalUses are the same, each with its interface.
func GlobalUses(view plan.View, node, link string) ([]plan.AddrUse, error) {
	links, err := view.Links(node)
	if err != nil {
		return nil, err
	}
	var v4, v6 []plan.AddrUse
	for _, l := range links {
		if link != "" && l.Name != link {
			continue
		}
		for _, a := range l.Addrs {
			switch u := (plan.AddrUse{Ref: l.Ref(), Addr: a}); {
			case !plan.InBook(a.Addr()):
			case a.Addr().Is4():
				v4 = append(v4, u)
			default:
				v6 = append(v6, u)
			}
		}
	}
	return append(v4, v6...), nil
}

// UsesOf are those of one family.
func UsesOf(list []plan.AddrUse, v6 bool) []plan.AddrUse {
	return slices.DeleteFunc(slices.Clone(list), func(u plan.AddrUse) bool { return u.Addr.Addr().Is6() != v6 })
}

// ShownAddrs leaves out IPv6 link-local addresses.
func ShownAddrs(l plan.Link) []string {
	var list []string
	for _, a := range l.Addrs {
		if !a.Addr().Is6() || !a.Addr().IsLinkLocalUnicast() {
			list = append(list, a.String())
		}
	}
	return list
}

// MadeFromMAC reports a link-local address that the kernel makes by itself
// ([plan.MadeLinkLocal]). Ipvlans share their
// address, and have a number of their own there, in bytes that are otherwise
// those of the address (addrconf_ifid_eui48, <net/addrconf.h>).
func MadeFromMAC(l plan.Link, a netip.Prefix) bool {
	if !a.Addr().Is6() || !a.Addr().IsLinkLocalUnicast() {
		return false
	}
	if plan.MadeLinkLocal(l.Kind, a.Addr()) {
		return true
	}
	b := a.Addr().As16()
	mac, err := net.ParseMAC(l.MAC)
	return err == nil && len(mac) == 6 && l.Kind == plan.IPVLAN && bytes.Equal(b[8:11], mac[:3]) && bytes.Equal(b[13:], mac[3:])
}

// AutoAddrs are the addresses of a family that an interface was given
// automatically; explicit reports that it has others besides.
func AutoAddrs(book *plan.Book, r plan.Ref, v6 bool) (auto []netip.Prefix, explicit bool) {
	for _, u := range book.On(r) {
		switch {
		case u.Addr.Addr().Is6() != v6:
		case u.Auto:
			auto = append(auto, u.Addr)
		default:
			explicit = true
		}
	}
	return auto, explicit
}

// OfNode are the uses of addresses by one node.
func OfNode(uses []plan.AddrUse, node string) []plan.AddrUse {
	var own []plan.AddrUse
	for _, u := range uses {
		if u.Node == node {
			own = append(own, u)
		}
	}
	return own
}

// AddrOf is an address of an interface with its prefix length.
func AddrOf(book *plan.Book, r plan.Ref, a netip.Addr) netip.Prefix {
	for _, u := range book.On(r) {
		if u.Addr.Addr() == a {
			return u.Addr
		}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// Neighbours are the addresses of other nodes on subnets and segments that node
// shares.
func Neighbours(view verb.Lab, node string, v6 bool) ([]plan.AddrUse, error) {
	book, err := view.Book()
	if err != nil {
		return nil, err
	}
	var found []plan.AddrUse
	all, snap := book.All(), path.Of(view)
	own := OfNode(all, node)
	for _, u := range all {
		if u.Node == node || u.Addr.Addr().Is6() != v6 {
			continue
		}
		if slices.ContainsFunc(own, func(o plan.AddrUse) bool { return Reaches(snap, o, u) }) {
			found = append(found, u)
		}
	}
	return found, nil
}

// FreeIn is the first address of a subnet that no interface has.
func FreeIn(book *plan.Book, net netip.Prefix) (netip.Prefix, bool) {
	for a := FirstHost(net); Inside(net, a); a = a.Next() {
		if len(book.At(a)) == 0 {
			return netip.PrefixFrom(a, net.Bits()), true
		}
	}
	return netip.Prefix{}, false
}

// ShareAddrs reports ipvlans of one interface: the kernel distinguishes them by
// their addresses, so no two may have the same (ipvlan_addr_busy,
// drivers/net/ipvlan/ipvlan_core.c).
func ShareAddrs(view verb.Lab, l plan.Link, other plan.Ref) bool {
	if l.Kind != plan.IPVLAN {
		return false
	}
	o, err := view.Link(other.Node, other.Link)
	return err == nil && o.Kind == l.Kind && o.Lower == l.Lower
}

// DuplicateAddr is the finding that other, on the same segment as here, has an
// address already; an address that is free is proposed.
func DuplicateAddr(book *plan.Book, word syntax.IfAddr, here, other plan.Ref) *diag.Diagnostic {
	n := word.Prefix()
	d := diag.Errorf(diag.DuplicateAddr, word.Span, "%s, on the same segment as %s, has the address %s already", other, here, n.Addr())
	if free, ok := FreeIn(book, n.Masked()); ok {
		return d.WithHelp("each interface of a segment needs an address of its own; %s is free", free)
	}
	return d.WithHelp("each interface of a segment needs an address of its own")
}
