package links

import (
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// recreateOps are the ops that make an interface again as it is now: the pair,
// bridge or other kind itself, masters, addresses, state, the routes that lead
// over it, and what stands on it. Interfaces in gone are recreated by other ops.
func recreateOps(view verb.Lab, l plan.Link, gone map[plan.Ref]bool) []plan.Op {
	gone[l.Ref()] = true
	switch l.Kind {
	case "veth":
		return recreateVeth(view, l, gone)
	case "bridge":
		return append(recreateBridge(view, l, gone), recreateUppers(view, l, gone)...)
	}
	return append(recreateKind(view, l), recreateUppers(view, l, gone)...)
}

func recreateVeth(view verb.Lab, l plan.Link, gone map[plan.Ref]bool) []plan.Op {
	ref, err := view.Peer(l.Node, l.Name)
	if err != nil {
		return nil
	}
	peer, err := view.Link(ref.Node, ref.Link)
	if err != nil {
		return nil
	}
	if l.Master == "" {
		l, peer = peer, l // end A is the one that may have a master
	}
	a, b := endOf(l), endOf(peer)
	a.Master = l.Master
	ops := []plan.Op{plan.AddVeth{A: a, B: b}}
	if peer.Master != "" {
		ops = append(ops, plan.SetMaster{Node: peer.Node, Name: peer.Name, Master: peer.Master})
	}
	ends := []plan.Link{l, peer}
	for _, e := range ends {
		ops = append(ops, stateOps(e)...)
	}
	for _, e := range ends {
		ops = append(ops, routesOver(view, e)...)
	}
	for _, e := range ends {
		ops = append(ops, recreateUppers(view, e, gone)...)
	}
	return ops
}

func endOf(l plan.Link) plan.LinkEnd {
	return plan.LinkEnd{Node: l.Node, Name: l.Name, MAC: l.MAC, MTU: l.MTU}
}

func recreateBridge(view verb.Lab, l plan.Link, gone map[plan.Ref]bool) []plan.Op {
	ops := []plan.Op{plan.AddBridge{Node: l.Node, Name: l.Name, MAC: l.MAC, MTU: l.MTU, STP: l.STP, VLANFiltering: l.VLANFiltering}}
	links, err := view.Links(l.Node)
	if err != nil {
		return ops
	}
	for _, port := range links {
		if port.Master == l.Name && !gone[port.Ref()] {
			ops = append(ops, plan.SetMaster{Node: l.Node, Name: port.Name, Master: l.Name})
		}
	}
	ops = append(ops, stateOps(l)...)
	return append(ops, routesOver(view, l)...)
}

// stateOps give an interface its addresses and set it up. Link-local IPv6
// addresses come by themselves.
func stateOps(l plan.Link) []plan.Op {
	var ops []plan.Op
	for _, a := range l.Addrs {
		if plan.InBook(a.Addr()) {
			ops = append(ops, plan.AddAddr{Node: l.Node, Link: l.Name, Addr: a})
		}
	}
	if l.Up {
		ops = append(ops, plan.SetUp{Node: l.Node, Name: l.Name})
	}
	return ops
}

// routesOver are the routes that lead over an interface and do not come back
// with its addresses.
func routesOver(view verb.Lab, l plan.Link) []plan.Op {
	routes, err := view.Routes(l.Node)
	if err != nil {
		return nil
	}
	var ops []plan.Op
	for _, r := range routes {
		if r.Proto == "kernel" || len(r.Hops) == 0 {
			continue
		}
		for _, h := range r.Hops {
			if h.Dev == l.Name {
				ops = append(ops, plan.AddRoute{Node: l.Node, Route: r})
				break
			}
		}
	}
	return ops
}
