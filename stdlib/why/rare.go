package why

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// unlocal says why a node does not take packets to an address that an interface has.
func (q *inquiry) unlocal(e path.Unlocal) {
	if e.Duplicate {
		q.stop(fmt.Sprintf("%s cannot use its address %s: duplicate address detection found another node with it (dadfailed)", e.At, e.Dst),
			"each interface of a segment needs an address of its own: show addrs")
		return
	}
	q.stop(fmt.Sprintf("%s has the address %s, but %s does not take it as its own: its routing table local has no route to it, or no rule leads to that table", e.At, e.Dst, e.At.Node),
		fmt.Sprintf("compare: exec %s ip route show table local", e.At.Node))
}

// policed names the IPsec policy that stops a packet.
func (q *inquiry) policed(e path.Policed, what string) {
	p := e.Policy
	selects := fmt.Sprintf("src %s dst %s dir %s", p.Src, p.Dst, p.Dir)
	why := fmt.Sprintf("%s drops %s by an IPsec policy (xfrm): %s action block", e.Node, what, selects)
	switch {
	case p.Blocks:
	case p.Dir != "out":
		why = fmt.Sprintf("%s drops %s, for it is not encrypted, as an IPsec policy (xfrm) demands: %s", e.Node, what, selects)
	default:
		why = fmt.Sprintf("%s does not send %s: an IPsec policy (xfrm) demands encryption, and there is no state with the keys: %s", e.Node, what, selects)
	}
	q.stop(why, fmt.Sprintf("look at it: exec %s ip xfrm policy show", e.Node))
}

// misforwarded names the entry of a bridge's forwarding database that leads elsewhere.
func (q *inquiry) misforwarded(e path.Misforwarded) {
	if e.Entry.MAC == "" {
		q.stop(fmt.Sprintf("%s, a port of %s, gets no frames for hardware addresses that the bridge does not know, and the bridge learns none there (flood off, learning off)", e.Port, e.Bridge),
			q.advise("let it learn", fmt.Sprintf("option %s learning on", e.Port)))
		return
	}
	del := fmt.Sprintf("delete the entry: exec %s bridge fdb del %s dev %s master", e.Bridge.Node, e.Entry.MAC, e.Entry.Dev)
	q.stop(fmt.Sprintf("the forwarding database (fdb) of %s has %s at %s, but that hardware address is at %s", e.Bridge, e.Entry.MAC, e.Entry.Dev, e.Port.Link), del)
}

// subnetless finds that a node shares a segment with an address, but has none in its subnet.
func (q *inquiry) subnetless(node string, dst netip.Addr) bool {
	links, err := q.snap.Links(node)
	if err != nil {
		return false
	}
	for _, l := range links {
		if l.Name == plan.Loopback || !l.Up || l.Taker() != "" {
			continue
		}
		if near, ok := q.beside(l, dst); ok {
			q.unsubnetted(l, near, dst)
			return true
		}
	}
	return false
}

// neighbouring is an interface of a segment, and its address there.
type neighbouring struct {
	at   plan.Ref
	addr netip.Prefix
}

// beside finds the owner of an address on the segment of an interface that has no
// address in its subnet.
func (q *inquiry) beside(l plan.Link, dst netip.Addr) (n neighbouring, ok bool) {
	for r := range path.Segment(q.snap, l.Ref()) {
		other, err := q.snap.Link(r.Node, r.Link)
		if err != nil || r.Node == l.Node {
			continue
		}
		for _, a := range other.Addrs {
			within := func(own netip.Prefix) bool { return own.Contains(dst) && a.Contains(own.Addr()) }
			if a.Addr() == dst && !slices.ContainsFunc(l.Addrs, within) {
				return neighbouring{r, a}, true
			}
		}
	}
	return n, false
}

// unsubnetted says that two interfaces of one segment have no subnet in common.
func (q *inquiry) unsubnetted(l plan.Link, near neighbouring, dst netip.Addr) {
	var own []netip.Prefix
	for _, a := range l.Addrs {
		if a.Addr().Is6() == dst.Is6() && plan.InBook(a.Addr()) {
			own = append(own, a)
		}
	}
	if len(own) == 0 {
		fix := ""
		if book, err := q.Book(); err == nil {
			if a, ok := freeBeside(q, book, l.Ref()); ok {
				fix = q.advise("give it one", fmt.Sprintf("addr %s %s", l.Ref(), a))
			}
		}
		q.stop(fmt.Sprintf("%s, on one segment with %s (%s), has no address", l.Ref(), near.at, near.addr), fix)
		return
	}
	q.stop(fmt.Sprintf("%s (%s) and %s (%s) are on one segment, but in different subnets", l.Ref(), own[0], near.at, near.addr),
		"compare the addresses digit by digit, or give both an address in one subnet: addr "+l.Ref().String()+" …")
}

// estranged says that an answer does not come from the address that was asked, and names
// the node that the request was translated by.
func (q *inquiry) estranged(f path.Fate) {
	for _, h := range q.Request.Hops {
		for _, n := range h.NAT {
			if n.Source {
				continue
			}
			q.stop(fmt.Sprintf("the answer reaches %s from %s, and not from %s, which it asked: %s changed that address (%s), and the answer does not come back by it",
				f.Node(), f.Packet.Src, q.asked.packet.Dst, h.Node, q.ruleName(n)),
				fmt.Sprintf("let %s change the source, too, so that the answer comes to it", h.Node))
			return
		}
	}
	q.stop(fmt.Sprintf("the answer reaches %s from %s, and not from %s, which it asked", f.Node(), f.Packet.Src, q.asked.packet.Dst), "")
}

// ruleName is the rule that changed an address, whoever made it.
func (q *inquiry) ruleName(n path.NAT) string {
	if n.By.Text != "" && n.Rule.Comment == "" {
		return n.By.Text
	}
	return ruleText(n.Rule)
}
