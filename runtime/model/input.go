package model

import (
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"nsl/runtime/plan"
)

// check4 is what the kernel looks at besides the route of an IPv4 packet that has
// a source; err is what the lookup of the route brought.
func (m *Model) check4(n *node, q plan.RouteQuery, e *entry, err error) error {
	switch {
	case q.IIf != "":
		return m.checkInput(n, q, e, err)
	case !n.isLocal(q.Src) && !n.has4(q.Src): // ip_route_output_key_hash_rcu
		return syscall.ENETUNREACH
	}
	return err
}

// checkInput decides about a packet that came in (ip_route_input_slow,
// net/ipv4/route.c).
func (m *Model) checkInput(n *node, q plan.RouteQuery, e *entry, err error) error {
	in := n.links[q.IIf]
	local := err == nil && (e.kind == localRoute || e.kind == broadcastRoute)
	switch {
	case !local && !on(m.setting4(in, "forwarding")):
		return syscall.EHOSTUNREACH
	case err != nil || in.loopback():
		return err
	}
	return m.checkSource4(n, q, in)
}

// checkSource4 looks whether packets from a source may come in on an interface: an
// address of the node's own only with accept_local, and with rp_filter only where
// packets to that source would leave (fib_validate_source). The table is asked
// only if rules were made or wants the filter.
func (m *Model) checkSource4(n *node, q plan.RouteQuery, in *link) error {
	strict, local := m.either4(n, in, "rp_filter"), m.either4(n, in, "accept_local") != 0
	if strict == 0 && !n.unmerged {
		if n.has4(q.Src) && !local {
			return syscall.EINVAL
		}
		return nil
	}
	back := plan.RouteQuery{Dst: q.Src, Src: q.Dst}
	if in.vrf != nil {
		back.IIf = in.vrf.name
	}
	e, err := n.resolve(back, func(e *entry) bool { return len(e.hops) == 0 || anyAlive(e) })
	switch {
	case err == nil && e.kind != plan.Unicast && (e.kind != localRoute || !local):
		return syscall.EINVAL
	case strict == 0:
		return nil
	case err != nil, !e.over(in) && (strict == 1 || len(in.v4) == 0):
		return syscall.EINVAL
	}
	return nil
}

// has4 reports whether one of the node's interfaces has an IPv4 address.
func (n *node) has4(a netip.Addr) bool {
	return slices.ContainsFunc(n.byIndex, func(l *link) bool {
		return slices.ContainsFunc(l.v4, func(h addr) bool { return h.Addr() == a })
	})
}

func anyAlive(e *entry) bool {
	_, ok := e.alive(nil)
	return ok
}

// setting4 is an IPv4 setting of an interface.
func (m *Model) setting4(l *link, leaf string) string {
	if v := l.setting(v4, leaf); v != "" {
		return v
	}
	return m.known.conf[v4][leaf]
}

// either4 is the greater of an interface's number and that of "all", as the kernel
// combines them (IN_DEV_MAXCONF, IN_DEV_ORCONF).
func (m *Model) either4(n *node, l *link, leaf string) int {
	all := n.sys.all[v4][leaf]
	if all == "" {
		all = m.known.conf[v4][leaf]
	}
	x, _ := strconv.Atoi(all)
	y, _ := strconv.Atoi(m.setting4(l, leaf))
	return max(x, y)
}
