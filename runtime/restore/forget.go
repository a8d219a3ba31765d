package restore

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// Neighbours are the ops that make the nodes of a lab forget the hardware addresses that
// ops gave, once these are undone: what was learned meanwhile would be used for half a
// minute. An address whose neighbours ask again is found at once.
func Neighbours(v plan.View, book *plan.Book, undone []plan.Op) ([]plan.Op, error) {
	macs, ips := given(book, undone)
	if len(macs)+len(ips) == 0 {
		return nil, nil
	}
	nodes, err := plan.AllNodes(v)
	if err != nil {
		return nil, err
	}
	var ops []plan.Op
	for _, node := range nodes {
		list, err := v.Neighbours(node)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if !e.ByHand() && e.MAC != "" && (slices.Contains(macs, e.MAC) || slices.Contains(ips, e.IP)) {
				ops = append(ops, plan.DelNeighbour{Node: node, Dev: e.Dev, IP: e.IP})
			}
		}
	}
	return ops, nil
}

// given are the hardware addresses that the ops set, and the addresses that they gave
// to an interface while another has them now.
func given(book *plan.Book, ops []plan.Op) (macs []string, ips []netip.Addr) {
	for _, op := range ops {
		if o, ok := op.(plan.SetMAC); ok {
			macs = append(macs, o.MAC)
		}
		for _, u := range op.Effect().Added {
			if a := u.Addr.Addr(); len(book.At(a)) > 0 {
				ips = append(ips, a)
			}
		}
	}
	return macs, ips
}

// Services are the ops that let servers and captures go on when their interfaces are
// there again: a socket does not follow an interface that was deleted or moved. undo
// are the ops that brought the interfaces back.
func Services(v plan.View, undo []plan.Op) ([]plan.Op, error) {
	var back []plan.Ref
	for _, op := range undo {
		e := op.Effect()
		for _, l := range e.Links {
			back = append(back, l.Ref())
		}
		if e.To.Node != e.From.Node {
			back = append(back, e.To)
		}
	}
	if len(back) == 0 {
		return nil, nil
	}
	nodes, err := plan.AllNodes(v)
	if err != nil {
		return nil, err
	}
	var ops []plan.Op
	for _, node := range nodes {
		list, err := v.Services(node)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if slices.ContainsFunc(plan.BoundTo(node, r.Service), func(p plan.Ref) bool { return slices.Contains(back, p) }) {
				ops = append(ops, plan.Restart{Node: node, ID: r.ID, Service: r.Service})
			}
		}
	}
	return ops, nil
}
