package state

import (
	"slices"

	"nsl/runtime/plan"
)

// Has reports whether a lab has what an op makes: whether the op may be one of those that
// made it.
func (l *Lab) Has(op plan.Op) bool {
	switch o := op.(type) {
	case plan.AddNS:
		return l.Node(o.Name) != nil
	case plan.Baseline, plan.AddNftTable, plan.AddNftChain:
		return true
	case plan.AddVeth:
		a, b := l.Link(plan.Ref{Node: o.A.Node, Link: o.A.Name}), l.Link(plan.Ref{Node: o.B.Node, Link: o.B.Name})
		return a != nil && b != nil && a.Peer == b.Ref() && a.hasEnd(o.A) && b.hasEnd(o.B)
	case plan.AddBridge:
		b := l.Link(plan.Ref{Node: o.Node, Link: o.Name})
		return b != nil && b.Kind == bridge && b.STP == o.STP && b.VLANFiltering == o.VLANFiltering && (o.MTU == 0 || o.MTU == b.MTU)
	case plan.SetVLANs:
		i := l.Link(plan.Ref{Node: o.Node, Link: o.Name})
		return i != nil && slices.Equal(i.VLANs, o.VLANs)
	case plan.SetWG:
		i := l.Link(plan.Ref{Node: o.Node, Link: o.Name})
		return i != nil && i.WG.Equal(o.WG)
	case plan.SetUp:
		i := l.Link(plan.Ref{Node: o.Node, Link: o.Name})
		return i != nil && i.Up
	case plan.AddAddr:
		i := l.Link(plan.Ref{Node: o.Node, Link: o.Link})
		return i != nil && slices.Contains(i.Addrs, o.Addr) && i.AddrOptions(o.Addr).Like(o.AddrOptions)
	case plan.AddRoute:
		n := l.Node(o.Node)
		return n != nil && slices.ContainsFunc(n.Routes, func(r plan.Route) bool { return sameRoute(r, o.Route) })
	default:
		return l.hasOther(op)
	}
}

// hasEnd reports whether an interface may be an end of a cable that an op makes.
func (i *Link) hasEnd(e plan.LinkEnd) bool {
	return (e.MTU == i.MTU || e.MTU == 0 && i.MTU == 1500) && (e.Master == "" || e.Master == i.Master) &&
		(e.MAC == "" || i.MAC == "" || e.MAC == i.MAC) && (!e.Up || i.Up)
}

// hasOther is Has for what is no interface, address or route.
func (l *Lab) hasOther(op plan.Op) bool {
	n := l.Node(nodeOf(op))
	if n == nil {
		return false
	}
	switch o := op.(type) {
	case plan.SetSysctl:
		value, set := n.Settings[settingPath(o.Key)]
		if !set {
			value, set = l.Pristine.of(settingPath(o.Key))
		}
		return set && value == o.Value || o.Optional
	case plan.AddNftRule:
		return slices.Contains(n.Nft.Rules(), o.Rule)
	case plan.AddName:
		return slices.Contains(n.Names, o.Name)
	case plan.SetResolver:
		return sameResolver(n.Resolver, o.Resolver)
	case plan.Lease:
		ops := o.Ops(o.Want)
		return len(ops) > 0 && !slices.ContainsFunc(ops, func(op plan.Op) bool { return !l.Has(op) })
	case plan.Start:
		r := n.service(o.ID)
		return r != nil && sameService(r.Service, o.Service)
	default:
		return false
	}
}
