package stdlib

import (
	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// bridgeLoops are cables between bridges that close a loop of bridges without STP, in
// which a broadcast goes round without end. Bridges that filter VLANs may cut it.
func bridgeLoops(lab *path.Snapshot, links []plan.Link) []verb.Fault {
	joined := map[plan.Ref]plan.Ref{}
	root := func(r plan.Ref) plan.Ref {
		for next, ok := joined[r]; ok; next, ok = joined[r] {
			r = next
		}
		return r
	}
	var list []verb.Fault
	for _, l := range links {
		a, okA := floods(lab, l)
		if !okA {
			continue
		}
		peer, err := lab.Peer(l.Node, l.Name)
		if err != nil || peer.String() < l.Ref().String() {
			continue
		}
		o, err := lab.Link(peer.Node, peer.Link)
		if err != nil {
			continue
		}
		b, okB := floods(lab, o)
		switch x, y := root(a), root(b); {
		case !okB:
		case x != y:
			joined[x] = y
		default:
			list = append(list, fault(diag.BridgeLoop, []plan.Ref{l.Ref(), o.Ref()},
				"make one of the bridges with stp on, or take a cable away",
				"the cable %s <-> %s closes a loop of bridges without STP: a broadcast goes round in it without end", l.Ref(), o.Ref()))
		}
	}
	return list
}

// floods is the bridge of a port that forwards what comes to it.
func floods(lab *path.Snapshot, port plan.Link) (bridge plan.Ref, ok bool) {
	if port.Master == "" || !port.Up {
		return bridge, false
	}
	b, err := lab.Link(port.Node, port.Master)
	return b.Ref(), err == nil && b.Up && !b.STP && !b.VLANFiltering
}
