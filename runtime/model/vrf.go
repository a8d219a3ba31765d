package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

const (
	// vrfMTU is that of a VRF: the largest of IPv6 (IP6_MAX_MTU, drivers/net/vrf.c).
	vrfMTU = 65575
	// ofVRF is the condition of the rule for packets of VRFs; see [plan.Rule].
	ofVRF = "l3mdev"
)

// domain is the VRF that the interface is a member of, or is itself; nil for none.
func (l *link) domain() *link {
	if l.kind == plan.VRF {
		return l
	}
	return l.vrf
}

// table is where routes of the interface go that would be in a table of the kernel's.
func (l *link) table(usual int) int {
	if d := l.domain(); d != nil {
		return d.opts.Table
	}
	return usual
}

// members are those of a VRF.
func (l *link) members() []*link {
	if l.kind != plan.VRF {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.node.byIndex), func(m *link) bool { return m.vrf != l })
}

// checkVRF refuses the loopback, which each VRF is itself, and other VRFs
// (do_vrf_add_slave, vrf_add_slave; drivers/net/vrf.c).
func (l *link) checkVRF(vrf *link) error {
	var err error
	switch {
	case l.loopback():
		err = syscall.EOPNOTSUPP
	case l.kind == plan.VRF:
		err = syscall.EINVAL
	default:
		return nil
	}
	return fmt.Errorf("%s as a member of %s: %w", l.place(), vrf.name, err)
}

// enterVRF makes the link a member of a VRF, or of none. All its routes go; it is set down and up
// again if it is up, and has its IPv4 addresses then (cycle_netdev, drivers/net/vrf.c;
// NETDEV_CHANGEUPPER, net/ipv4/fib_frontend.c and net/ipv6/addrconf.c).
func (l *link) enterVRF(vrf *link) {
	up := l.up
	l.setDown()
	l.dropV6()
	l.forgetNeighbours(false)
	l.forgetNeighbours(true)
	for e := range l.uses {
		l.node.remove(e)
	}
	l.made, l.vrf = nil, vrf
	if up {
		l.setUp()
	}
}

// vrfRules are added for the first VRF of a node and stay (vrf_add_fib_rules).
func (n *node) vrfRules() {
	for f := range n.rules {
		r := plan.Rule{Priority: plan.VRFPriority, Other: ofVRF, V6: f == v6}
		if slices.Contains(n.rules[f], r) {
			continue
		}
		i := slices.IndexFunc(n.rules[f], func(o plan.Rule) bool { return o.Priority > r.Priority })
		if i < 0 {
			i = len(n.rules[f])
		}
		n.rules[f] = slices.Insert(n.rules[f], i, r)
	}
	n.unmerged = true
}

// vrfTable is the table of the VRF that a packet is in: that of the interface by which it has to
// leave, or else came in (l3mdev_update_flow); 0 for none.
func (n *node) vrfTable(q plan.RouteQuery) int {
	name := q.Out()
	if name == "" {
		name = q.IIf
	}
	if l := n.links[name]; l != nil && l.domain() != nil {
		return l.domain().opts.Table
	}
	return 0
}
