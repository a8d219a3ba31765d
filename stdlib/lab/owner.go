package lab

import (
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// OwnerOf is the node that has an address as another asks for it, "" for none. Where
// several have it, it is the one to which packets of the other lead.
func OwnerOf(view verb.Lab, from string, a netip.Addr) string {
	if a.IsLoopback() {
		return from
	}
	owners := ownersOf(view, a)
	if len(owners) < 2 {
		return append(owners, "")[0]
	}
	return receivers(view, from, a, owners)[0]
}

// ownersOf are the nodes that have an address.
func ownersOf(view verb.Lab, a netip.Addr) (nodes []string) {
	book, err := view.Book()
	if err != nil {
		return nil
	}
	for _, r := range book.At(a) {
		if !slices.Contains(nodes, r.Node) {
			nodes = append(nodes, r.Node)
		}
	}
	return nodes
}

// receivers are those of the owners of an address that get what a node sends there,
// more than one where several answer on one segment: found by following a packet,
// and on the segment where it ends; all owners where neither decides.
func receivers(view verb.Lab, from string, a netip.Addr, owners []string) []string {
	snap := path.Of(view)
	f := path.Ask(snap, from, path.Packet{Dst: a}, "").Request
	last := f.Hops[len(f.Hops)-1]
	got := []string{last.Node}
	if len(f.Hops) > 1 {
		for _, r := range f.Hops[len(f.Hops)-2].Rivals {
			got = append(got, r.Node)
		}
	}
	if slices.Contains(owners, last.Node) {
		return got
	}
	book, err := view.Book()
	if err != nil || last.Out == "" {
		return owners
	}
	got = nil
	for _, r := range book.At(a) {
		if path.MayShare(snap, plan.Ref{Node: last.Node, Link: last.Out}, r) {
			got = append(got, r.Node)
		}
	}
	if len(got) == 0 {
		return owners
	}
	return got
}

// Shares reports whether two interfaces are on one segment, with addresses in one
// subnet.
func Shares(view plan.View, a, b plan.AddrUse) bool {
	return plan.SameSubnet(a.Addr, b.Addr) && path.MayShare(view, a.Ref, b.Ref)
}

// Reaches reports whether an address is in a subnet of another, and on its segment. An
// IPv4 address is its node's, whatever interface has it (RFC 1122, section 3.3.4.2).
func Reaches(view plan.View, from, to plan.AddrUse) bool {
	if !from.Addr.Contains(to.Addr.Addr()) || to.Addr.Addr().Is6() {
		return from.Addr.Contains(to.Addr.Addr()) && path.MayShare(view, from.Ref, to.Ref)
	}
	links, err := view.Links(to.Node)
	return path.MayShare(view, from.Ref, to.Ref) ||
		err == nil && slices.ContainsFunc(links, func(l plan.Link) bool { return path.MayShare(view, from.Ref, l.Ref()) })
}

// Closest is the address of theirs under which who has ours asks for it (see
// [plan.Closest]).
func Closest(view plan.View, ours, theirs []plan.AddrUse) plan.AddrUse {
	return plan.Closest(ours, theirs, func(a, b plan.AddrUse) bool { return path.MayShare(view, a.Ref, b.Ref) })
}
