package lab

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// ShareAddrs tells ipvlans of one interface: by their addresses the kernel tells
// them apart, so that no two may have the same (ipvlan_addr_busy,
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

// FreeIn is the first address of a subnet that no interface has.
func FreeIn(book *plan.Book, net netip.Prefix) (netip.Prefix, bool) {
	for a := FirstHost(net); Inside(net, a); a = a.Next() {
		if len(book.At(a)) == 0 {
			return netip.PrefixFrom(a, net.Bits()), true
		}
	}
	return netip.Prefix{}, false
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

// AddrOf is an address of an interface with its prefix length.
func AddrOf(book *plan.Book, r plan.Ref, a netip.Addr) netip.Prefix {
	for _, u := range book.On(r) {
		if u.Addr.Addr() == a {
			return u.Addr
		}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// Neighbours are the addresses of other nodes on subnets that node shares.
func Neighbours(book *plan.Book, node string, v6 bool) []plan.AddrUse {
	var own, found []plan.AddrUse
	all := book.All()
	for _, u := range all {
		if u.Node == node {
			own = append(own, u)
		}
	}
	for _, u := range all {
		if u.Node == node || u.Addr.Addr().Is6() != v6 {
			continue
		}
		if slices.ContainsFunc(own, func(o plan.AddrUse) bool { return o.Addr.Contains(u.Addr.Addr()) }) {
			found = append(found, u)
		}
	}
	return found
}
