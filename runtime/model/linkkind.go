package model

import (
	"fmt"
	"maps"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

const (
	// vxlanHeader4 and vxlanHeader6 are what a tunnel puts before a frame, in
	// bytes: Ethernet, IP, UDP and VXLAN headers (RFC 7348, section 5).
	vxlanHeader4, vxlanHeader6 = 50, 70
	// tapHeader is the Ethernet header, which a tap's MTU leaves room for
	// (tun_net_initialize, drivers/net/tun.c).
	tapHeader = 14
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
	if o.Under.Link != "" {
		if l.under, err = home.link(o.Under.Link); err != nil {
			return err
		}
	}
	if o.Kind == plan.MACVLAN && l.under != nil && l.under.kind == plan.MACVLAN {
		l.under = l.under.under // they do not stand on each other
	}
	if err := n.checkLink(o); err != nil {
		return err
	}
	if o.Kind == plan.VXLAN {
		l.home = home
	}
	if err := l.checkUnder(m); err != nil {
		return fmt.Errorf("%s: %w", o.Object(), err)
	}
	l.inherit()
	m.fill(l)
	n.register(l)
	if l.under != nil {
		l.under.over(l)
	}
	return nil
}

// checkLink looks for the name where the kernel does: of a macvlan before the
// MTU, of a vxlan after that and the identifier (vxlan_validate).
func (n *node) checkLink(o plan.AddLink) error {
	form := checkForm(plan.LinkEnd{Node: o.Node, Name: o.Name, MAC: o.MAC, MTU: o.MTU})
	if form == nil && o.Kind == plan.VXLAN && (o.ID < 0 || o.ID >= 1<<24) {
		form = fmt.Errorf("%s: %w", o.Object(), syscall.ERANGE)
	}
	late := o.Kind == plan.VXLAN || checkMAC(o.MAC) != nil || n.links[o.Name] == nil
	if form != nil && late {
		return form
	}
	return n.checkName(o.Name)
}

// checkUnder refuses what the kind cannot stand on (macvlan_port_create and
// macvlan_common_newlink, drivers/net/macvlan.c; __vxlan_dev_create,
// drivers/net/vxlan/vxlan_core.c).
func (l *link) checkUnder(m *Model) error {
	switch u := l.under; {
	case l.kind == plan.VXLAN:
		return l.checkTunnel(m)
	case l.kind == plan.VLAN && u == nil:
		return syscall.EINVAL
	case l.kind != plan.MACVLAN && l.kind != plan.IPVLAN:
		return nil
	case u == nil, u.loopback(), u.kind == plan.Tun:
		return syscall.EINVAL
	case u.master != nil:
		return syscall.EBUSY
	}
	for o := range l.under.uppers {
		if o.kind == l.kind && (o.opts.Mode == "passthru" || l.opts.Mode == "passthru") {
			return syscall.EINVAL
		}
	}
	if l.mtu > l.under.mtu {
		return syscall.EINVAL
	}
	return nil
}

// checkTunnel refuses a second vxlan with the same identifier, port and family in
// one namespace (vxlan_vni_in_use), and what a tunnel cannot be made of.
func (l *link) checkTunnel(m *Model) error {
	o := l.opts
	switch {
	case o.Remote.IsValid() && o.Local.IsValid() && o.Remote.Is6() != o.Local.Is6():
		return syscall.EINVAL
	case o.Remote.IsValid() && o.Remote.IsMulticast() && l.under == nil:
		return syscall.EINVAL
	}
	for _, n := range m.nodes {
		for _, other := range n.links {
			if other.kind == plan.VXLAN && other.home == l.home && other.opts.ID == o.ID &&
				other.opts.Port == o.Port && other.opts.Six() == o.Six() {
				return syscall.EEXIST
			}
		}
	}
	return nil
}

// inherit takes from below what was not asked for.
func (l *link) inherit() {
	switch {
	case l.under == nil:
	case l.kind == plan.VXLAN:
		if most := l.mostMTU(); l.mtu == 0 || l.mtu > most {
			l.mtu = most
		}
	case l.mtu == 0:
		l.mtu = l.under.mtu
	}
	shared := l.opts.Mode == "passthru" || l.kind == plan.IPVLAN || l.kind == plan.VLAN && l.mac == ""
	if l.under != nil && shared {
		l.mac = l.under.mac
	}
}

// mostMTU is the largest MTU of an interface, in bytes, by what is under it.
func (l *link) mostMTU() int {
	switch {
	case l.kind == plan.Tap:
		return maxMTU - tapHeader
	case l.under == nil:
		return maxMTU
	case l.kind != plan.VXLAN:
		return l.under.mtu
	case l.opts.Six():
		return max(l.under.mtu-vxlanHeader6, minMTU)
	}
	return max(l.under.mtu-vxlanHeader4, minMTU)
}

// over notes that an interface stands on this one.
func (l *link) over(upper *link) {
	if l.uppers == nil {
		l.uppers = map[*link]struct{}{}
	}
	l.uppers[upper] = struct{}{}
}

func (l *link) eachVLAN(do func(*link)) {
	for u := range l.uppers {
		if u.kind == plan.VLAN {
			do(u)
		}
	}
}

// leaveUnder ends that, and takes the interfaces along that stand on this one.
func (l *link) leaveUnder() {
	if l.under != nil {
		delete(l.under.uppers, l)
	}
	for u := range maps.Clone(l.uppers) {
		u.remove()
	}
}

// lowerUppers gives the interfaces that stand on this one no more than its MTU
// (macvlan_device_event); vxlans do not follow.
func (l *link) lowerUppers() {
	for u := range l.uppers {
		if u.kind != plan.VXLAN && u.mtu > l.mtu {
			u.changeMTU(l.mtu)
		}
	}
}

// options are those of the kind, with the name that what is under it has now;
// what is in a namespace without a name has none.
func (l *link) options() plan.LinkOptions {
	o := l.opts
	o.Under = plan.Ref{}
	if l.home != nil && !l.home.gone {
		o.Under.Node = l.home.name
	}
	if l.under != nil && !l.under.node.gone {
		o.Under = plan.Ref{Node: l.under.node.name, Link: l.under.name}
	}
	return o
}

// moveLink moves an interface to another namespace (dev_change_net_namespace,
// net/core/dev.c): it leaves its bridge, goes down, and loses its addresses and
// the routes over it. Vxlans that stand on it are deleted.
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
	case l.loopback() || l.br != nil:
		err = syscall.EINVAL
	case to.links[l.name] != nil:
		err = syscall.EEXIST
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.place(), err)
	}
	l.up = false
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
	l.name = to
	l.node.links[to] = l
	return nil
}

func (l *link) setMAC(mac string) error {
	err := checkMAC(mac)
	if mac == "" {
		err = syscall.EINVAL
	}
	if l.kind == plan.Tun {
		err = syscall.EOPNOTSUPP
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.place(), err)
	}
	l.mac = mac
	return nil
}
