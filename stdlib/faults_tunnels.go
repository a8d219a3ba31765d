package stdlib

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// tunnels are the vxlans of a lab, and the nodes that have each address.
type tunnels struct {
	ends   []plan.Link
	owners map[netip.Addr][]string
}

// tunnelsApart are the pairs of vxlans that lead to each other's node and differ in
// identifier or port, where neither has another one there that it meets.
func tunnelsApart(links []plan.Link) []verb.Fault {
	t := tunnels{owners: map[netip.Addr][]string{}}
	for _, l := range links {
		if l.Kind == plan.VXLAN {
			t.ends = append(t.ends, l)
		}
		for _, a := range l.Addrs {
			t.owners[a.Addr()] = append(t.owners[a.Addr()], l.Node)
		}
	}
	var list []verb.Fault
	for i, a := range t.ends {
		if t.meetsAny(a) {
			continue
		}
		for _, b := range t.ends[i+1:] {
			if t.facing(a, b) && !t.meetsAny(b) {
				list = append(list, fault(diag.EndsApart, []plan.Ref{a.Ref(), b.Ref()}, "give both the same id and port",
					"%s and %s do not meet: id %d and port %d, id %d and port %d", a.Ref(), b.Ref(), a.ID, a.Port, b.ID, b.Port))
			}
		}
	}
	return list
}

func (t tunnels) meetsAny(a plan.Link) bool {
	return slices.ContainsFunc(t.ends, func(b plan.Link) bool { return t.facing(a, b) && a.ID == b.ID && a.Port == b.Port })
}

// facing reports whether two vxlans each send to the node of the other.
func (t tunnels) facing(a, b plan.Link) bool {
	return a.Ref() != b.Ref() && slices.Contains(t.owners[a.Remote], b.Lower.Node) && slices.Contains(t.owners[b.Remote], a.Lower.Node)
}
