package stdlib

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// segments are the interfaces of a lab by the segment that they are on.
type segments struct {
	lab  *path.Snapshot
	list [][]plan.Link
	of   map[plan.Ref]int
}

func segmentsOf(lab *path.Snapshot, links []plan.Link) segments {
	s := segments{lab: lab, of: map[plan.Ref]int{}}
	for _, l := range links {
		if _, seen := s.of[l.Ref()]; seen {
			continue
		}
		var members []plan.Link
		for r := range path.Segment(lab, l.Ref()) {
			if _, seen := s.of[r]; seen {
				continue
			}
			s.of[r] = len(s.list)
			if m, err := lab.Link(r.Node, r.Link); err == nil {
				members = append(members, m)
			}
		}
		s.list = append(s.list, members)
	}
	return s
}

// subnetsTwice are nodes with two interfaces in one subnet that are on different segments:
// what they send there leaves by one of the two. Policy rules may be about that.
func subnetsTwice(s segments) []verb.Fault {
	first := map[plan.Ref]map[netip.Prefix]plan.Link{} // by nodes and VRFs, each a router of its own
	var list []verb.Fault
	for _, l := range s.all() {
		router := plan.Ref{Node: l.Node, Link: l.VRF}
		for _, a := range l.Addrs {
			net := a.Masked()
			if l.Name == plan.Loopback || l.Taker() != "" || net.IsSingleIP() || a.Addr().IsLinkLocalUnicast() {
				continue
			}
			if first[router] == nil {
				first[router] = map[netip.Prefix]plan.Link{}
			}
			o, twice := first[router][net]
			switch {
			case !twice:
				first[router][net] = l
			case o.Name != l.Name && s.of[o.Ref()] != s.of[l.Ref()] && !ruled(s.lab, l.Node):
				list = append(list, fault(diag.SubnetTwice, []plan.Ref{o.Ref(), l.Ref()},
					"give each segment a subnet of its own",
					"%s and %s are both in %s, but on different segments: what %s sends there leaves by the first alone", o.Ref(), l.Ref(), net, l.Node))
			}
		}
	}
	return list
}

// all are the interfaces of all segments, in the order of nodes and indexes.
func (s segments) all() []plan.Link {
	var list []plan.Link
	nodes, _ := plan.AllNodes(s.lab)
	for _, n := range nodes {
		links, _ := s.lab.Links(n) // they were read before
		list = append(list, links...)
	}
	return list
}

// ruled reports whether a node has policy rules.
func ruled(lab plan.View, node string) bool {
	rules, err := lab.Rules(node)
	return err != nil || len(rules) > 0
}

// unequalMTUs are segments on which one node may send packets that another does not take.
func unequalMTUs(s segments) []verb.Fault {
	var list []verb.Fault
	for _, segment := range s.list {
		ends := slices.DeleteFunc(slices.Clone(segment), func(l plan.Link) bool {
			return l.Name == plan.Loopback || l.Taker() != "" || !slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return !a.Addr().IsLinkLocalUnicast() })
		})
		if len(ends) < 2 {
			continue
		}
		by := func(x, y plan.Link) int { return x.MTU - y.MTU }
		least, most := slices.MinFunc(ends, by), slices.MaxFunc(ends, by)
		if least.MTU < most.MTU {
			list = append(list, fault(diag.UnequalMTUs, []plan.Ref{least.Ref(), most.Ref()},
				fmt.Sprintf("give both the same: mtu %s %d", most.Ref(), least.MTU),
				"%s sends packets of up to %d bytes on the segment of %s, which takes %d", most.Ref(), most.MTU, least.Ref(), least.MTU))
		}
	}
	return list
}

// vlansApart are interfaces for a VLAN that no other interface on the same wire has,
// where there are some for another. A bridge that filters VLANs may change the tag.
func vlansApart(s segments) []verb.Fault {
	wires := map[int][]plan.Link{}
	for _, l := range s.all() {
		if l.Kind == plan.VLAN {
			wires[s.of[l.Lower]] = append(wires[s.of[l.Lower]], l)
		}
	}
	var list []verb.Fault
	for i, segment := range s.list {
		tagged := wires[i]
		if len(tagged) < 2 || slices.ContainsFunc(segment, func(l plan.Link) bool { return l.VLANFiltering }) {
			continue
		}
		var alone []plan.Link
		for _, l := range tagged {
			if !slices.ContainsFunc(tagged, func(o plan.Link) bool { return o.ID == l.ID && o.Lower != l.Lower }) {
				alone = append(alone, l)
			}
		}
		for _, l := range alone {
			j := slices.IndexFunc(alone, func(o plan.Link) bool { return o.Lower != l.Lower })
			if j < 0 || alone[j].Ref().String() < l.Ref().String() {
				continue
			}
			o := alone[j]
			list = append(list, fault(diag.EndsApart, []plan.Ref{l.Ref(), o.Ref()}, "give both the same id",
				"%s and %s are on one segment and do not meet: VLAN %d, VLAN %d", l.Ref(), o.Ref(), l.ID, o.ID))
		}
	}
	return list
}
