package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

func (m *Model) addBridge(o plan.AddBridge) error {
	n, err := m.node(o.Node)
	if err != nil {
		return err
	}
	if err := checkForm(plan.LinkEnd{Node: n.name, Name: o.Name, MAC: o.MAC, MTU: o.MTU}); err != nil {
		return err
	}
	if err := n.checkName(o.Name); err != nil {
		return err
	}
	l := &link{name: o.Name, kind: bridge, mtu: o.MTU, mac: o.MAC, br: &ports{
		links: map[*link]struct{}{}, mtus: map[int]int{}, vlanFiltering: o.VLANFiltering,
	}}
	l.set.STP = o.STP
	if o.VLANFiltering {
		l.vlans = plan.NewPortVLANs()
	}
	m.fill(l)
	n.register(l)
	return nil
}

// setVLANs takes them for what filters VLANs.
func (l *link) setVLANs(list []plan.PortVLAN) error {
	filters := l.br != nil && l.br.vlanFiltering || l.master != nil && l.master.br.vlanFiltering
	if !filters {
		return fmt.Errorf("%s: %w", l.place(), syscall.EOPNOTSUPP)
	}
	l.vlans = slices.Clone(list)
	return nil
}

// exFull is EXFULL, which only Linux has.
const exFull = syscall.Errno(0x36)

// takesPort refuses what is no bridge, and a bridge that is full.
func (l *link) takesPort(port string) error {
	err := error(nil)
	switch {
	case l.br == nil:
		err = syscall.EOPNOTSUPP
	case len(l.br.links) >= plan.MaxBridgePorts:
		err = exFull
	}
	if err != nil {
		return fmt.Errorf("%s as a port of %s: %w", plan.Place(l.node.name, port), l.name, err)
	}
	return nil
}

// setMaster leaves the former bridge before it joins the new one; when that
// refuses, the interface is a port of none (do_set_master, net/core/rtnetlink.c).
func (l *link) setMaster(name string) error {
	var master *link
	if name != "" {
		var err error
		if master, err = l.node.link(name); err != nil {
			return err
		}
	}
	if master != nil && (master == l.master || master == l.vrf || master == l.bond) {
		return nil
	}
	l.setMasterLink(nil)
	if l.vrf != nil {
		l.enterVRF(nil)
	}
	l.leaveBond()
	if master == nil {
		return nil
	}
	if err := l.checkMaster(master); err != nil {
		return err
	}
	switch master.kind {
	case plan.VRF:
		l.enterVRF(master)
	case plan.Bond:
		l.enterBond(master)
	default:
		l.setMasterLink(master)
	}
	return nil
}

func (l *link) checkMaster(master *link) error {
	switch {
	case master.kind == plan.VRF:
		return l.checkVRF(master)
	case master.kind == plan.Bond:
		return l.checkBond(master)
	case master.br != nil && (l.loopback() || plan.KindOf(l.kind).Bare):
		return fmt.Errorf("%s as a port of %s: %w", l.place(), master.name, syscall.EINVAL)
	case master.br != nil && l.br != nil:
		return fmt.Errorf("%s as a port of %s: %w", l.place(), master.name, syscall.ELOOP)
	}
	if err := master.takesPort(l.name); err != nil {
		return err
	}
	if l.carriesOthers() || l.isOn(master) {
		return fmt.Errorf("%s as a port of %s: %w", l.place(), master.name, syscall.EBUSY)
	}
	if l.kind == plan.IPVLAN { // IFF_NO_RX_HANDLER
		return fmt.Errorf("%s as a port of %s: %w", l.place(), master.name, syscall.EINVAL)
	}
	return nil
}

// isOn reports whether frames of an interface leave by another one in the
// end: what would make a circle (__netdev_upper_dev_link, net/core/dev.c).
func (l *link) isOn(other *link) bool {
	if l == other || l.lower != nil && l.lower.isOn(other) {
		return true
	}
	if l.br != nil {
		for p := range l.br.links {
			if p.isOn(other) {
				return true
			}
		}
	}
	return slices.ContainsFunc(l.slaves, func(m *link) bool { return m.isOn(other) })
}

// carriesOthers tells an interface whose frames go to the macvlans on it: there
// is one receiver only (netdev_rx_handler_register, net/core/dev.c).
func (l *link) carriesOthers() bool { return l.carries(plan.MACVLAN) || l.carries(plan.IPVLAN) }

func (l *link) carries(kind string) bool {
	for u := range l.uppers {
		if u.kind == kind {
			return true
		}
	}
	return false
}

// setMasterLink makes the link a port of a bridge, or of none.
func (l *link) setMasterLink(master *link) {
	if old := l.master; old != nil {
		l.master, l.vlans, l.set.PortOptions = nil, nil, plan.PortOptions{}
		delete(old.br.links, l)
		old.br.countMTU(l.mtu, -1)
		old.adjustMTU()
	}
	if master != nil {
		l.master, l.set.PortOptions = master, plan.DefaultPort(l.kind)
		if master.br.vlanFiltering {
			l.vlans = plan.NewPortVLANs()
		}
		master.br.links[l] = struct{}{}
		master.br.countMTU(l.mtu, 1)
		master.adjustMTU()
	}
}

func (p *ports) countMTU(mtu, by int) {
	if p.mtus[mtu] += by; p.mtus[mtu] == 0 {
		delete(p.mtus, mtu)
	}
}

// adjustMTU gives a bridge the smallest MTU of its ports, unless someone set
// one (br_mtu_auto_adjust, net/bridge/br_if.c).
func (l *link) adjustMTU() {
	if l.br.fixedMTU {
		return
	}
	mtu := 0
	for m := range l.br.mtus {
		if mtu == 0 || m < mtu {
			mtu = m
		}
	}
	if mtu == 0 {
		mtu = defaultMTU
	}
	if mtu != l.mtu {
		l.changeMTU(mtu)
	}
}
