package state

import (
	"net/netip"

	"nsl/runtime/plan"
)

// duplicates are the addresses that two interfaces of a segment have: what cables and
// bridges join.
func (l *Lab) duplicates() map[plan.AddrUse]bool {
	of := map[plan.Ref]plan.Ref{}
	var segment func(plan.Ref) plan.Ref
	segment = func(r plan.Ref) plan.Ref {
		if up, ok := of[r]; ok {
			of[r] = segment(up)
			return of[r]
		}
		return r
	}
	join := func(a, b plan.Ref) {
		if a, b = segment(a), segment(b); a != b && b.Link != "" {
			of[a] = b
		}
	}
	l.eachLink(func(i *Link) {
		join(i.Ref(), i.Peer)
		join(i.Ref(), plan.Ref{Node: i.Node, Link: i.Master})
	})
	type place struct {
		segment plan.Ref
		addr    netip.Addr
	}
	first, list := map[place]plan.AddrUse{}, map[plan.AddrUse]bool{}
	l.eachLink(func(i *Link) {
		for _, a := range i.Addrs {
			use, at := plan.AddrUse{Ref: i.Ref(), Addr: a}, place{segment(i.Ref()), a.Addr()}
			if other, taken := first[at]; taken {
				list[use], list[other] = true, true
			}
			first[at] = use
		}
	})
	return list
}

func (l *Lab) eachLink(f func(*Link)) {
	for i := range l.Nodes {
		for j := range l.Nodes[i].Links {
			f(&l.Nodes[i].Links[j])
		}
	}
}
