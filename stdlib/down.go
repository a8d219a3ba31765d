package stdlib

import (
	"bytes"
	"net"
	"net/netip"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Down is the statement down.
type Down struct {
	What []syntax.Endpoint `parser:"'down' (@@ | '<' @@* '>')+"`
}

func downVerb() *verb.Verb {
	return verb.Define[Down](verb.Spec{
		Name:    "down",
		Group:   verb.Building,
		Summary: "set interfaces down",
		Usage:   []string{"down NODE:IFACE…", "down IFACE…", "down NODE…"},
		Doc: `A node stands for all its interfaces besides lo, a name without a node is an
interface of the host. Setting down what is down changes nothing.

With the interface go, as always in Linux, the routes that lead over it and its
IPv6 addresses. IPv4 addresses stay.`,
		Examples: []verb.Example{
			{Note: "A cable that is pulled.", Code: "ns red blue\nlink red <-> blue\ndown red:veth-red\nexpect not ping blue -> red\n"},
			{Note: "Routes go with their interface.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\nroute red default via 192.168.15.2\ndown red\nexpect route red -> 8.8.8.8 unreachable\n"},
		},
	})
}

// Plan sets down what is up.
func (d *Down) Plan(p *verb.Plan) {
	var falling []named
	order := map[plan.Ref]int{}
	for _, t := range withVLANs(p, interfaces(p, d.What)) {
		if t.link.Up {
			order[plan.Ref{Node: t.link.Node, Link: t.link.Name}] = len(falling)
			falling = append(falling, t)
		}
	}
	for i, t := range falling {
		s, err := newSideEffects(p, t.link)
		if err != nil {
			p.Err(t.at.Span, err)
			return
		}
		p.Do(t.at.Span, s.downIn(p, order, i))
	}
}

// withVLANs puts the VLANs on an interface before it: the kernel sets them down
// with it (vlan_device_event, net/8021q/vlan.c).
func withVLANs(p *verb.Plan, list []named) []named {
	var all []named
	seen := map[plan.Ref]bool{}
	add := func(t named) {
		if r := (plan.Ref{Node: t.link.Node, Link: t.link.Name}); !seen[r] {
			seen[r] = true
			all = append(all, t)
		}
	}
	for _, t := range list {
		uppers, err := p.Uppers(plan.Ref{Node: t.link.Node, Link: t.link.Name})
		p.Err(t.at.Span, err)
		for _, u := range uppers {
			if u.Kind == plan.VLAN {
				add(named{u, t.at})
			}
		}
		add(t)
	}
	return all
}

// down sets the one interface down.
func (s *sideEffects) down(lab verb.Lab) plan.SetDown {
	return s.downIn(lab, map[plan.Ref]int{{Node: s.link.Node, Link: s.link.Name}: 0}, 0)
}

// downIn sets down an interface that is the i-th of several to fall.
func (s *sideEffects) downIn(lab verb.Lab, order map[plan.Ref]int, i int) plan.SetDown {
	op := plan.SetDown{Node: s.link.Node, Name: s.link.Name, Was: s.lostOnDown()}
	op.Was = append(op.Was, s.addRoutes(lostAt(lab, s, order, i))...)
	return op
}

// lostAt are the routes that the i-th falling interface brings back. A route
// with several ways is lost with the last of them; it can be added again only
// when all are up, and what falls first is up last when the statement is taken
// back.
func lostAt(lab verb.Lab, s *sideEffects, order map[plan.Ref]int, i int) []plan.Route {
	var lost []plan.Route
	for _, r := range s.routes {
		if first, ways := falls(lab, s.link.Node, r, order); first == i && r.Proto != protoKernel {
			r.Hops = ways
			lost = append(lost, r)
		}
	}
	return lost
}

// falls is the first of the falling interfaces that a route is over, and its
// ways that fall; -1 when it has a way left. Ways that are dead already cannot
// be added again.
func falls(lab verb.Lab, node string, r plan.Route, order map[plan.Ref]int) (first int, ways []plan.NextHop) {
	first = -1
	for _, h := range r.Hops {
		i, found := order[plan.Ref{Node: node, Link: h.Dev}]
		if !found {
			if l, err := lab.Link(node, h.Dev); err != nil || l.Up {
				return -1, nil
			}
			continue
		}
		ways = append(ways, h)
		if first < 0 || i < first {
			first = i
		}
	}
	return first, ways
}

// madeFromMAC tells a link-local address that the kernel makes from a hardware
// address: ff:fe stands in its middle (RFC 4291, appendix A). Ipvlans share their
// address, and have a number of their own there, in bytes that are otherwise
// those of the address (addrconf_ifid_eui48, <net/addrconf.h>).
func madeFromMAC(l plan.Link, a netip.Prefix) bool {
	if !a.Addr().Is6() || !a.Addr().IsLinkLocalUnicast() {
		return false
	}
	b := a.Addr().As16()
	if b[11] == 0xff && b[12] == 0xfe {
		return true
	}
	mac, err := net.ParseMAC(l.MAC)
	return err == nil && len(mac) == 6 && l.Kind == plan.IPVLAN && bytes.Equal(b[8:11], mac[:3]) && bytes.Equal(b[13:], mac[3:])
}
