package model

import (
	"fmt"
	"syscall"

	"nsl/runtime/plan"
)

// live reports whether a port has carrier.
func (p *ports) live() bool {
	for l := range p.links {
		if l.carrier() {
			return true
		}
	}
	return false
}

// tryUp refuses a VLAN whose interface is down (vlan_dev_open).
func (l *link) tryUp() error {
	if l.kind == plan.VLAN && !l.lower.up {
		return fmt.Errorf("%s: %w", l.place(), syscall.ENETDOWN)
	}
	if !l.up && l.inUse() {
		return fmt.Errorf("%s: %w", l.place(), syscall.EADDRINUSE)
	}
	l.setUp()
	return nil
}

// setUp sets the VLANs on it up as well (vlan_device_event).
func (l *link) setUp() {
	if l.up {
		return
	}
	defer l.eachVLAN((*link).setUp)
	l.up = true
	if l.loopback() {
		l.addLoopbackAddrs()
	}
	if l.kind == plan.WireGuard {
		l.wgUp()
	}
	l.revive(false)
	l.revive(true)
	l.sync()
}

// setDown drops the routes over the link and its IPv6 addresses
// (keep_addr_on_down is 0; Documentation/networking/ip-sysctl.rst).
func (l *link) setDown() {
	if !l.up {
		return
	}
	l.eachVLAN((*link).setDown)
	l.up = false
	l.forgetNeighbours(false)
	l.forgetNeighbours(true)
	l.dropV6()
	l.sync()
	for e := range l.uses {
		if e.kind != localRoute {
			l.node.killHops(e, l)
		}
	}
}

func (l *link) setMTU(mtu int) error {
	if !l.loopback() && (mtu < l.leastMTU() || mtu > l.mostMTU()) || mtu < 0 {
		errno := syscall.EINVAL
		if l.kind == plan.VLAN && mtu >= minMTU && mtu <= maxMTU {
			errno = syscall.ERANGE // vlan_dev_change_mtu
		}
		return fmt.Errorf("%s: %w", l.place(), errno)
	}
	if l.br != nil {
		l.br.fixedMTU = true
	}
	l.eachMember(func(m *link) { m.changeMTU(mtu) })
	l.changeMTU(mtu)
	return nil
}

func (l *link) changeMTU(mtu int) {
	before := l.mtu
	l.mtu = mtu
	if l.master != nil {
		l.master.br.countMTU(before, -1)
		l.master.br.countMTU(mtu, 1)
		l.master.adjustMTU()
	}
	l.lowerUppers()
	l.changeRouteMTUs(before)
	if mtu < plan.MinMTU6 && before >= plan.MinMTU6 {
		l.dropV6()
		l.forgetNeighbours(true)
		l.killFamily(true)
	}
	l.sync()
}
