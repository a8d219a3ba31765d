package why

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// NoRoute explains that a node has no route to an address, or one that
// refuses; to is the address as the script has it.
func NoRoute(view verb.Lab, node, to string, dst netip.Addr, err error) (why, fix string) {
	w := walk{lab: view, to: to}
	w.noRoute(node, dst, err)
	return w.why, w.fix
}

// noRoute explains a refusal of the routing table.
func (w *walk) noRoute(node string, dst netip.Addr, err error) {
	switch {
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EINVAL):
		w.stop(fmt.Sprintf("a route of %s refuses or drops packets to %s", node, dst), "look at them: show routes "+node)
	case !lab.Cabled(w.lab, node):
		w.stop(node+" has no interface besides lo", fmt.Sprintf("connect it: link %s <-> %s", node, w.to))
	case w.downTowards(node, dst) || w.unnumbered(node) || w.apart(node, dst):
	default:
		what := fmt.Sprintf("%s has no route to %s", node, dst)
		if w.back {
			what = fmt.Sprintf("%s gets the request but has no way back to %s", node, dst)
		}
		fix := w.mendRoute(node, dst)
		if w.back && dst.IsPrivate() && isPublic(w.lab, node) {
			fix = fmt.Sprintf("private addresses are unknown outside; hide them behind the host's: nat %s", w.subnet(dst))
		}
		w.stop(what, fix)
	}
}

// isPublic reports whether a node has public addresses only (RFC 1918, RFC 4193).
func isPublic(view verb.Lab, node string) bool {
	own, err := lab.GlobalAddrs(view, node, "")
	return err == nil && len(own) > 0 &&
		!slices.ContainsFunc(own, func(p netip.Prefix) bool { return p.Addr().IsPrivate() })
}

// subnet is the subnet of the lab that an address is in.
func (w *walk) subnet(a netip.Addr) string {
	book, err := w.lab.Book()
	if err != nil {
		return a.String()
	}
	return subnetOf(book, a)
}

// downTowards finds an interface that is down and on the subnet of dst, or any
// that is down where none is up.
func (w *walk) downTowards(node string, dst netip.Addr) bool {
	links, _ := w.lab.Links(node)
	down, towards, up := "", "", false
	for _, l := range links {
		switch {
		case l.Name == plan.Loopback:
		case l.Up:
			up = true
		case slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Contains(dst) }):
			towards = plan.Place(node, l.Name)
		default:
			down = plan.Place(node, l.Name)
		}
	}
	if towards == "" && !up {
		towards = down
	}
	if towards == "" {
		return false
	}
	w.stop(towards+" is down", "set it up: up "+towards)
	return true
}

func (w *walk) unnumbered(node string) bool {
	if own, _ := lab.GlobalAddrs(w.lab, node, ""); len(own) > 0 {
		return false
	}
	w.stop(node+" has no address", fmt.Sprintf("give it one: addr %s ADDRESS/LENGTH", node))
	return true
}

// apart finds that the owner of dst is on the same segment, but in another subnet.
func (w *walk) apart(node string, dst netip.Addr) bool {
	book, err := w.lab.Book()
	if err != nil {
		return false
	}
	links, _ := w.lab.Links(node)
	for _, l := range links {
		here := plan.Ref{Node: node, Link: l.Name}
		for _, owner := range book.At(dst) {
			if owner.Node == node || len(book.On(here)) == 0 || !path.SameSegment(w.lab, here, owner) {
				continue
			}
			ours, theirs := book.On(here)[0].Addr, lab.AddrOf(book, owner, dst)
			w.stop(fmt.Sprintf("%s (%s) and %s (%s) are on one segment, but in different subnets", here, ours, owner, theirs),
				"compare the addresses digit by digit, or give both an address in one subnet: addr "+here.String()+" …")
			return true
		}
	}
	return false
}

// mendRoute proposes a route via a neighbour that is nearer to dst, a router where
// there is one.
func (w *walk) mendRoute(node string, dst netip.Addr) string {
	book, err := w.lab.Book()
	if err != nil {
		return ""
	}
	via := "GATEWAY"
	for _, gw := range lab.Neighbours(book, node, dst.Is6()) {
		if _, err := w.lab.RouteTo(gw.Node, plan.RouteQuery{Dst: dst}); err != nil {
			continue
		}
		router := lab.IsRouter(w.lab, gw.Node, dst.Is6())
		if router || via == "GATEWAY" {
			via = gw.Addr.Addr().String()
		}
		if router {
			break
		}
	}
	return fmt.Sprintf("add one: route %s %s via %s", node, subnetOf(book, dst), via)
}

// subnetOf is the subnet of the lab that an address is in, or default.
func subnetOf(book *plan.Book, a netip.Addr) string {
	for _, u := range book.All() {
		if u.Addr.Contains(a) && u.Addr.Bits() > 0 && !u.Addr.IsSingleIP() {
			return u.Addr.Masked().String()
		}
	}
	return "default"
}
