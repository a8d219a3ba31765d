package model

import (
	"net/netip"

	"nsl/runtime/plan"
)

// inUse reports that others have what the interface takes when it is set up: a vxlan or
// geneve its UDP port (vxlan_open, geneve_open), a macvlan its hardware address (macvlan_open).
func (l *link) inUse() bool {
	switch {
	case l.udpPort() != 0:
		return l.portTaken()
	case l.kind == plan.MACVLAN && l.opts.Mode != "passthru":
		if l.mac == l.lower.mac {
			return true
		}
		for u := range l.lower.uppers {
			if u != l && u.up && u.kind == plan.MACVLAN && u.mac == l.mac {
				return true
			}
		}
	}
	return false
}

// tunnelPort is the socket that a vxlan or geneve holds while it is up.
func (l *link) tunnelPort() plan.Listen {
	all := netip.IPv4Unspecified()
	if l.opts.Six() {
		all = netip.IPv6Unspecified()
	}
	return plan.Listen{Proto: "udp", Addr: all, Port: l.udpPort()}
}

// udpPort is the port of such a tunnel, 0 for what has none.
func (l *link) udpPort() int {
	if l.kind == plan.WireGuard {
		return l.wg.Port
	}
	return l.opts.Port
}

// portTaken reports that others have the port. Two wireguards do not share one.
func (l *link) portTaken() bool {
	if l.kind == plan.WireGuard && l.wgOnPort() {
		return true
	}
	return plan.Clashes(l.home.services, l.tunnelPort()) != nil
}
