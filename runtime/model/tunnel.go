package model

import (
	"syscall"

	"nsl/runtime/plan"
)

// checkTunnel refuses a tunnel that has all in common with another one of its namespace
// by which the kernel finds the one that a packet is for, and what a tunnel cannot be
// made of.
func (l *link) checkTunnel(m *Model) error {
	o := l.opts
	switch {
	case o.Remote.IsValid() && o.Local.IsValid() && o.Remote.Is6() != o.Local.Is6():
		return syscall.EINVAL
	case o.Remote.IsValid() && o.Remote.IsMulticast() && l.lower == nil:
		return syscall.EINVAL
	case plan.KindOf(l.kind).Bare && (o.Remote.Is6() || o.Local.Is6()):
		return syscall.EINVAL
	}
	for _, n := range m.nodes {
		for _, other := range n.links {
			if other.home == l.home && other.kind == l.kind && o.SameTunnel(l.kind, other.opts) {
				if l.kind == plan.GENEVE { // geneve_configure
					return syscall.EBUSY
				}
				return syscall.EEXIST
			}
		}
	}
	return nil
}

// maxSIT is the largest MTU of a sit (ipip6_tunnel_setup, net/ipv6/sit.c).
const maxSIT = 65555

// mostTunnelMTU is the largest MTU of a tunnel that is not bound to an interface
// (ip_tunnel_change_mtu, geneve_configure).
func (l *link) mostTunnelMTU() int {
	if l.kind == plan.SIT {
		return maxSIT
	}
	return maxMTU - l.opts.Header(l.kind)
}

// leastMTU is the smallest MTU that the kernel takes.
func (l *link) leastMTU() int {
	switch l.kind {
	case plan.SIT:
		return plan.MinMTU6
	case plan.WireGuard:
		return 0
	}
	return minMTU
}

// inheritByRoute has the tunnel leave room for its headers on the interface by which the
// other end is reached (ip_tunnel_bind_dev, ipip6_tunnel_bind_dev, geneve_link_config).
func (l *link) inheritByRoute(m *Model) {
	if l.mtu != 0 {
		return
	}
	under := defaultMTU
	r, err := m.RouteTo(l.home.name, plan.RouteQuery{Dst: l.opts.Remote, Src: l.opts.Local})
	switch {
	case err == nil && len(r.Hops) > 0:
		if out, err := l.home.link(r.Hops[0].Dev); err == nil {
			under = out.mtu
			if l.kind != plan.SIT {
				under = min(under, maxMTU)
			}
		}
	case l.kind == plan.GENEVE:
		l.mtu = defaultMTU
		return
	}
	l.mtu = max(under-l.opts.Header(l.kind), l.leastMTU())
}
