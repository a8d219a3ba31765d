package lab

import (
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// LostOnDown are the ops that give an interface back, in their order, the IPv6
// addresses that it loses when it is set down: all but the loopback's own and the link-local
// ones that the kernel makes from the hardware address.
func (s *SideEffects) LostOnDown() []plan.Op {
	var ops []plan.Op
	for _, a := range slices.Backward(OfFamily(s.Link.Addrs, true)) { // the kernel lists the newest first
		if !a.Addr().IsLoopback() && !MadeFromMAC(s.Link, a) {
			ops = append(ops, s.Add(a))
		}
	}
	return ops
}

// Down sets the one interface down.
func (s *SideEffects) Down(view verb.Lab) plan.SetDown {
	return s.DownIn(view, map[plan.Ref]int{{Node: s.Link.Node, Link: s.Link.Name}: 0}, 0)
}

// DownIn sets down an interface, the i-th of several.
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
		if first, ways := falls(view, s.Link.Node, r, order); first == i && r.Proto != plan.ProtoKernel {
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
