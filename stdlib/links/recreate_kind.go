package links

import (
	"cmp"
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// restoreOps are the ops that give an interface, fresh and down, what it has now:
// its master, its addresses and its state, and then the routes over it.
func restoreOps(view verb.Lab, l plan.Link) (state, routes []plan.Op) {
	s, err := lab.NewSideEffects(view, l)
	if err != nil {
		return nil, nil
	}
	if l.Master != "" {
		state = append(state, joinBridge(l)...)
	}
	if group := cmp.Or(l.VRF, l.Bond); group != "" {
		state = append(state, plan.SetMaster{Node: l.Node, Name: l.Name, Master: group})
	}
	state = append(state, optionOps(l)...)
	if l.Shape != (plan.Shape{}) {
		state = append(state, plan.SetShape{Node: l.Node, Name: l.Name, Shape: l.Shape})
	}
	for _, a := range lab.OfFamily(l.Addrs, false) {
		state = append(state, s.Add(a))
	}
	switch {
	case l.Up:
		state = append(state, plan.SetUp{Node: l.Node, Name: l.Name})
	case l.Bond != "": // which has set it up
		state = append(state, plan.SetDown{Node: l.Node, Name: l.Name})
	}
	return append(state, s.LostOnDown()...), s.AddRoutes(lostWith(view, s))
}

// lostWith are the routes that go when an interface leaves its node: all that
// have a way over it, though they may have others (fib_sync_down_dev and
// fib6_ifdown, NETDEV_UNREGISTER), and those that want its address as their
// source, unless that is a secondary one (fib_del_ifaddr). Ways that are dead
// already cannot be added again.
func lostWith(view verb.Lab, s *lab.SideEffects) []plan.Route {
	var lost []plan.Route
	for _, r := range s.Routes {
		over := slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return h.Dev == s.Link.Name })
		sourced := r.Src.Is4() && slices.ContainsFunc(primaries(s.Link.Addrs), hasAddr(r.Src))
		if r.Proto == plan.ProtoKernel || !over && !sourced {
			continue
		}
		r.Hops = slices.DeleteFunc(slices.Clone(r.Hops), func(h plan.NextHop) bool {
			l, err := view.Link(s.Link.Node, h.Dev)
			return err != nil || !l.Up
		})
		if len(r.Hops) > 0 || !over {
			lost = append(lost, r)
		}
	}
	return lost
}

// makeOps make an interface of a kind. Kernels before 6.12 look for its name
// where what is under it is; one that is taken there is given only at its own
// place.
func makeOps(view verb.Lab, o plan.AddLink) []plan.Op {
	_, err := view.Link(o.Home(), o.Name)
	if o.Home() == o.Node || err != nil {
		return []plan.Op{o}
	}
	name := o.Name
	o.Name, o.Later = lab.FitName("nsl-", o.Node+"-"+name, ""), name
	return []plan.Op{o, plan.RenameLink{Node: o.Node, Name: o.Name, To: name}}
}

// recreateKind makes an interface of a kind again as it is now.
func recreateKind(view verb.Lab, l plan.Link) []plan.Op {
	o := plan.AddLink{Node: l.Node, Name: l.Name, Kind: l.Kind, MAC: cmp.Or(l.OwnMAC, l.MAC), MTU: l.MTU, LinkOptions: l.LinkOptions}
	if l.Kind == plan.VRF {
		o.MTU = 0
	}
	if l.Mode == modePassthru || l.Kind == plan.IPVLAN || plan.KindOf(l.Kind).Bare {
		o.MAC = ""
	}
	state, routes := restoreOps(view, l)
	return slices.Concat(makeOps(view, o), wgOps(l), forwardOps(view, l), state, routes)
}

// wgOps configure a wireguard as it was.
func wgOps(l plan.Link) []plan.Op {
	if l.Kind != plan.WireGuard || l.WG.Equal(plan.WG{}) {
		return nil
	}
	return []plan.Op{plan.SetWG{Node: l.Node, Name: l.Name, WG: l.WG}}
}

// forwardOps enter what a vxlan had in its forwarding database.
func forwardOps(view verb.Lab, l plan.Link) (ops []plan.Op) {
	if l.Kind != plan.VXLAN {
		return nil
	}
	list, err := plan.ForwardByHand(view, l.Node)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if e.Dev == l.Name {
			ops = append(ops, plan.AddForward{Node: l.Node, Dev: l.Name, MAC: e.MAC, Dst: e.Dst})
		}
	}
	return ops
}

// recreateUppers makes the upper devices of an interface again, which go with
// it. Interfaces in gone are made by other ops.
func recreateUppers(view verb.Lab, l plan.Link, gone map[plan.Ref]bool) []plan.Op {
	uppers, err := view.Uppers(l.Ref())
	if err != nil {
		return nil
	}
	var ops []plan.Op
	for _, u := range uppers {
		r := u.Ref()
		if !gone[r] {
			gone[r] = true
			ops = append(ops, recreateOps(view, u, gone)...)
		}
	}
	return ops
}

// primaries are the IPv4 addresses that are the first of their subnet.
func primaries(addrs []netip.Prefix) []netip.Prefix {
	var first []netip.Prefix
	for _, a := range lab.OfFamily(addrs, false) {
		if !slices.ContainsFunc(first, func(p netip.Prefix) bool { return p.Masked() == a.Masked() }) {
			first = append(first, a)
		}
	}
	return first
}
