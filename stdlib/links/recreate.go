package links

import (
	"cmp"
	"net"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// recreateOps are the ops that make an interface again as it is now: the pair,
// bridge or other kind itself, masters, addresses, state, the routes that lead
// over it, and its upper devices. Interfaces in gone are recreated by other ops.
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
	ops := []plan.Op{plan.AddVeth{A: endOf(l), B: endOf(peer)}}
	var routes []plan.Op
	ends := []plan.Link{l, peer}
	for _, e := range ends {
		state, over := restoreOps(view, e)
		ops, routes = append(ops, state...), append(routes, over...)
	}
	ops = append(ops, routes...)
	for _, e := range ends {
		ops = append(ops, recreateUppers(view, e, gone)...)
	}
	return ops
}

func endOf(l plan.Link) plan.LinkEnd {
	return plan.LinkEnd{Node: l.Node, Name: l.Name, MAC: cmp.Or(l.OwnMAC, l.MAC), MTU: l.MTU}
}

func recreateBridge(view verb.Lab, l plan.Link, gone map[plan.Ref]bool) []plan.Op {
	mac := l.MAC
	if gone, err := net.ParseMAC(mac); err == nil && slices.Max(gone) == 0 {
		mac = "" // a bridge that has lost its last port; the kernel takes no address of zeros
	}
	ops := []plan.Op{plan.AddBridge{Node: l.Node, Name: l.Name, MAC: mac, MTU: l.MTU, STP: l.STP, VLANFiltering: l.VLANFiltering}}
	if l.VLANFiltering {
		fresh := l
		fresh.VLANs = plan.NewPortVLANs()
		ops = append(ops, setVLANs(fresh, l.VLANs)...)
	}
	links, err := view.Links(l.Node)
	if err != nil {
		return ops
	}
	for _, port := range links {
		if port.Master == l.Name && !gone[port.Ref()] {
			ops = append(append(ops, joinBridge(port)...), portOps(port)...)
		}
	}
	state, routes := restoreOps(view, l)
	return append(append(ops, state...), routes...)
}

// optionOps set the options of an interface that was made again and is what it was a port of.
func optionOps(l plan.Link) []plan.Op {
	return plan.OptionOps(l.Ref(), l.Kind, l.Master != "", l.NewOptions(), l.IfOptions)
}

// portOps set the options of an interface that is a port again.
func portOps(l plan.Link) []plan.Op {
	from := l.IfOptions
	from.PortOptions = plan.DefaultPort(l.Kind)
	return plan.OptionOps(l.Ref(), l.Kind, true, from, l.IfOptions)
}

// leavePort are the ops that reset the options and VLANs of a port that is to leave its bridge: the
// kernel forgets them, and an undo has to give them back.
func leavePort(l plan.Link) []plan.Op {
	if l.Master == "" {
		return nil
	}
	to := l.IfOptions
	to.PortOptions = plan.DefaultPort(l.Kind)
	ops := plan.OptionOps(l.Ref(), l.Kind, true, l.IfOptions, to)
	if len(l.VLANs) > 0 {
		ops = append(ops, setVLANs(l, plan.NewPortVLANs())...)
	}
	return ops
}
