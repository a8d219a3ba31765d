package lab

import (
	"bytes"
	"net"
	"net/netip"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Down sets the one interface down.
func (s *SideEffects) Down(view verb.Lab) plan.SetDown {
	return s.DownIn(view, map[plan.Ref]int{{Node: s.Link.Node, Link: s.Link.Name}: 0}, 0)
}

// DownIn sets down an interface that is the i-th of several to fall.
func (s *SideEffects) DownIn(view verb.Lab, order map[plan.Ref]int, i int) plan.SetDown {
	op := plan.SetDown{Node: s.Link.Node, Name: s.Link.Name, Was: s.LostOnDown()}
	op.Was = append(op.Was, s.AddRoutes(lostAt(view, s, order, i))...)
	return op
}

// lostAt are the routes that the i-th falling interface brings back. A route
// with several ways is lost with the last of them; it can be added again only
// when all are up, and what falls first is up last when the statement is taken
// back.
func lostAt(view verb.Lab, s *SideEffects, order map[plan.Ref]int, i int) []plan.Route {
	var lost []plan.Route
	for _, r := range s.Routes {
		if first, ways := falls(view, s.Link.Node, r, order); first == i && r.Proto != ProtoKernel {
			r.Hops = ways
			lost = append(lost, r)
		}
	}
	return lost
}

// falls is the first of the falling interfaces that a route is over, and its
// ways that fall; -1 when it has a way left. Ways that are dead already cannot
// be added again.
func falls(view verb.Lab, node string, r plan.Route, order map[plan.Ref]int) (first int, ways []plan.NextHop) {
	first = -1
	for _, h := range r.Hops {
		i, found := order[plan.Ref{Node: node, Link: h.Dev}]
		if !found {
			if l, err := view.Link(node, h.Dev); err != nil || l.Up {
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

// MadeFromMAC tells a link-local address that the kernel makes from a hardware
// address: ff:fe stands in its middle (RFC 4291, appendix A). Ipvlans share their
// address, and have a number of their own there, in bytes that are otherwise
// those of the address (addrconf_ifid_eui48, <net/addrconf.h>).
func MadeFromMAC(l plan.Link, a netip.Prefix) bool {
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
