package model

import (
	"maps"
	"math"
	"syscall"

	"nsl/runtime/plan"
)

// tapHeader is the Ethernet header, which a tap's MTU leaves room for
// (tun_net_initialize, drivers/net/tun.c).
const tapHeader = 14

// checkLower refuses what the kind cannot stand on (macvlan_port_create and
// macvlan_common_newlink, drivers/net/macvlan.c; __vxlan_dev_create,
// drivers/net/vxlan/vxlan_core.c).
func (l *link) checkLower(m *Model) error {
	switch u := l.lower; {
	case l.home != nil:
		return l.checkTunnel(m)
	case l.kind == plan.VLAN:
		return l.checkTag()
	case l.kind != plan.MACVLAN && l.kind != plan.IPVLAN:
		return nil
	case u == nil, u.loopback(), plan.KindOf(u.kind).Bare:
		return syscall.EINVAL
	case u.master != nil, u.bond != nil, u.carries(otherTaker(l.kind)):
		return syscall.EBUSY
	case u.kind == plan.IPVLAN:
		return syscall.EINVAL // IFF_NO_RX_HANDLER
	case l.kind == plan.IPVLAN:
		return nil
	}
	for o := range l.lower.uppers {
		if o.kind == l.kind && (o.opts.Mode == "passthru" || l.opts.Mode == "passthru") {
			return syscall.EINVAL
		}
	}
	if l.mtu > l.lower.mtu {
		return syscall.EINVAL
	}
	return nil
}

// otherTaker is the kind that cannot be on an interface together with one of
// this kind, as both take all of its frames.
func otherTaker(kind string) string {
	if kind == plan.MACVLAN {
		return plan.IPVLAN
	}
	return plan.MACVLAN
}

// checkTag refuses a VLAN that its interface carries already, and what carries
// no marks (vlan_check_real_dev, net/8021q/vlan.c; vlan_newlink).
func (l *link) checkTag() error {
	switch {
	case l.lower == nil:
		return syscall.EINVAL
	case l.lower.loopback(), plan.KindOf(l.lower.kind).Bare:
		return syscall.EOPNOTSUPP
	}
	for o := range l.lower.uppers {
		if o.kind == plan.VLAN && o.opts.ID == l.opts.ID && o.opts.Service == l.opts.Service {
			return syscall.EEXIST
		}
	}
	if l.mtu > l.lower.mtu {
		return syscall.EINVAL
	}
	return nil
}

// inherit takes from below what was not asked for.
func (l *link) inherit(m *Model) {
	switch {
	case plan.KindOf(l.kind).ByRoute():
		l.inheritByRoute(m)
	case l.kind == plan.WireGuard && l.mtu == 0:
		l.mtu = plan.WGMTU
	case l.lower == nil:
	case l.kind == plan.VXLAN:
		if most := l.mostMTU(); l.mtu == 0 || l.mtu > most {
			l.mtu = most
		}
	case l.mtu == 0:
		l.mtu = l.lower.mtu
	}
	shared := l.opts.Mode == "passthru" || l.kind == plan.IPVLAN || l.kind == plan.VLAN && l.mac == ""
	if l.lower != nil && shared {
		l.mac = l.lower.mac
	}
}

// shareMode gives all ipvlans of one interface the mode of the last one made
// (ipvlan_set_port_mode, drivers/net/ipvlan/ipvlan_main.c).
func (l *link) shareMode() {
	for u := range l.lower.uppers {
		if u.kind == plan.IPVLAN {
			u.opts.Mode = l.opts.Mode
		}
	}
}

// mostMTU is the largest MTU of an interface, in bytes, by what is under it.
func (l *link) mostMTU() int {
	switch {
	case l.kind == plan.Dummy:
		return math.MaxInt32
	case l.kind == plan.IPVLAN:
		return maxMTU
	case l.kind == plan.Tap:
		return maxMTU - tapHeader
	case l.kind == plan.WireGuard:
		return maxWG
	case plan.KindOf(l.kind).ByRoute():
		return l.mostTunnelMTU()
	case l.lower == nil:
		return maxMTU
	}
	return max(l.lower.mtu-l.opts.Header(l.kind), l.leastMTU())
}

// over notes an upper device of this interface.
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

// leaveLower ends that, and takes the upper devices of this one along.
func (l *link) leaveLower() {
	if l.lower != nil {
		delete(l.lower.uppers, l)
	}
	for u := range maps.Clone(l.uppers) {
		u.remove()
	}
}

// lowerUppers gives the upper devices of this one no more than its MTU
// (macvlan_device_event, vlan_device_event), and ipvlans always the same, of which
// no notification is sent (ipvlan_adjust_mtu); vxlans do not follow.
func (l *link) lowerUppers() {
	for u := range l.uppers {
		switch {
		case u.kind == plan.IPVLAN:
			u.mtu = l.mtu
		case u.kind != plan.VXLAN && u.mtu > l.mtu:
			u.changeMTU(l.mtu)
		}
	}
}
