package model

import (
	"fmt"
	"maps"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// addLink makes an interface of a kind. What is under it is looked for in its home.
func (m *Model) addLink(o plan.AddLink) error {
	home, err := m.node(o.Home())
	if err != nil {
		return err
	}
	n, err := m.node(o.Node)
	if err != nil {
		return err
	}
	l := &link{name: o.Name, kind: o.Kind, mtu: o.MTU, mac: o.MAC, opts: o.LinkOptions}
	if o.Lower.Link != "" {
		if l.lower, err = home.link(o.Lower.Link); err != nil {
			return err
		}
	}
	if l.lower != nil && l.lower.kind == o.Kind && (o.Kind == plan.MACVLAN || o.Kind == plan.IPVLAN) {
		l.lower = l.lower.lower // they do not stand on each other
	}
	if err := n.checkLink(o); err != nil {
		return err
	}
	if err := checkKind(o); err != nil {
		return fmt.Errorf("%s: %w", o.Effect().Object, err)
	}
	if plan.KindOf(o.Kind).Tunnel {
		l.home = home
	}
	if err := l.checkLower(m); err != nil {
		return fmt.Errorf("%s: %w", o.Effect().Object, err)
	}
	l.inherit(m)
	m.fill(l)
	n.register(l)
	if l.lower != nil {
		l.lower.over(l)
	}
	switch l.kind {
	case plan.IPVLAN:
		l.shareMode()
	case plan.VRF:
		n.vrfRules()
	}
	return nil
}

// checkKind refuses a VRF without a table (vrf_newlink) and a bond of no mode
// (bond_changelink).
func checkKind(o plan.AddLink) error {
	if o.Kind == plan.VRF && o.Table == 0 || o.Kind == plan.Bond && !slices.Contains(plan.BondModes(), o.Mode) {
		return syscall.EINVAL
	}
	return nil
}

// checkLink looks for the name where the kernel does: of a macvlan before the
// MTU, of a vxlan after that and the identifier (vxlan_validate).
func (n *node) checkLink(o plan.AddLink) error {
	form := checkForm(plan.LinkEnd{Node: o.Node, Name: o.Name, MAC: o.MAC, MTU: o.MTU})
	if form == nil && o.Kind == plan.VXLAN && (o.ID < 0 || o.ID >= 1<<24) {
		form = fmt.Errorf("%s: %w", o.Effect().Object, syscall.ERANGE)
	}
	late := o.Kind == plan.VXLAN || checkMAC(o.MAC) != nil || n.links[o.Name] == nil
	if form != nil && late {
		return form
	}
	return n.checkName(o.Name)
}

// options are those of the kind, with the name that what is under it has now;
// what is in a namespace without a name has none.
func (l *link) options() plan.LinkOptions {
	o := l.opts
	o.Lower = plan.Ref{}
	if l.home != nil && !l.home.gone {
		o.Lower.Node = l.home.name
	}
	if l.kind == plan.WireGuard {
		o.Lower.Node = l.node.name // the kernel does not say where it was made
	}
	if l.lower != nil && !l.lower.node.gone {
		o.Lower = plan.Ref{Node: l.lower.node.name, Link: l.lower.name}
	}
	return o
}

// moveLink moves an interface to another namespace (dev_change_net_namespace,
// net/core/dev.c): it leaves its bridge, goes down, and loses its addresses and
// the routes over it. Vxlans that have it as their lower device are deleted.
func (m *Model) moveLink(o plan.MoveLink) error {
	n, err := m.node(o.Node)
	if err != nil {
		return err
	}
	to, err := m.node(o.To)
	if err != nil {
		return err
	}
	l, err := n.link(o.Name)
	switch {
	case err != nil:
		return err
	case n == to:
		return nil
	case l.loopback() || l.br != nil || l.kind == plan.Bond:
		err = syscall.EINVAL
	case to.links[l.name] != nil:
		err = syscall.EEXIST
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.place(), err)
	}
	l.eachVLAN((*link).setDown)
	l.up, l.shape = false, plan.Shape{}
	l.unregister()
	for u := range maps.Clone(l.uppers) {
		if u.kind == plan.VXLAN {
			u.remove()
		}
	}
	l.made = nil
	to.registerAt(l)
	return nil
}

// registerAt puts a link that comes from another node into this one. It keeps
// its index where that is free.
func (n *node) registerAt(l *link) {
	at, taken := slices.BinarySearchFunc(n.byIndex, l.index, func(l *link, i int) int { return l.index - i })
	if taken {
		n.register(l)
		return
	}
	l.node, l.conf = n, n.sys.fresh()
	n.links[l.name] = l
	n.byIndex = slices.Insert(n.byIndex, at, l)
}

func (l *link) rename(to string) error {
	if len(to) > plan.MaxIfName {
		return fmt.Errorf("%s: %w", plan.Place(l.node.name, to), syscall.ERANGE)
	}
	if to == l.name {
		return nil
	}
	if err := l.node.checkName(to); err != nil {
		return err
	}
	delete(l.node.links, l.name)
	from := l.name
	l.name = to
	l.node.links[to] = l
	l.relabel(from)
	return nil
}

func (l *link) setMAC(mac string) error {
	err := checkMAC(mac)
	if mac == "" {
		err = syscall.EINVAL
	}
	if plan.KindOf(l.kind).Bare {
		err = syscall.EOPNOTSUPP
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.place(), err)
	}
	l.mac = mac
	l.addressChanged()
	if plan.OneMAC(l.opts.Mode) {
		l.eachMember(func(m *link) { m.mac = mac; m.addressChanged() })
	}
	return nil
}

// addressChanged deletes the permanent neighbours, as the kernel does after a change of
// the hardware address (neigh_changeaddr), also of the ipvlans that share it.
func (l *link) addressChanged() {
	l.neighbours = slices.DeleteFunc(slices.Clone(l.neighbours), func(n plan.Neighbour) bool { return n.State == plan.Permanent })
	for u := range l.uppers {
		if u.kind == plan.IPVLAN {
			u.addressChanged()
		}
	}
}

// setShape replaces the root queueing discipline. One that is the kernel's own cannot be
// deleted (tc_get_qdisc, net/sched/sch_api.c).
func (l *link) setShape(s plan.Shape) error {
	if s == (plan.Shape{}) && l.shape == s {
		return fmt.Errorf("%s: %w", l.place(), syscall.ENOENT)
	}
	l.shape = s
	return nil
}
