package stdlib

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// noRoute explains a refusal of the routing table.
func (w *walk) noRoute(node string, dst netip.Addr, err error) {
	switch {
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EINVAL):
		w.stop(fmt.Sprintf("a route of %s refuses or drops packets to %s", node, dst), "look at them: show routes "+node)
	case !cabled(w.lab, node):
		w.stop(node+" has no interface besides lo", fmt.Sprintf("connect it: link %s <-> %s", node, w.to))
	case w.downTowards(node, dst) || w.unnumbered(node) || w.apart(node, dst):
	default:
		what := fmt.Sprintf("%s has no route to %s", node, dst)
		if w.back {
			what = fmt.Sprintf("%s gets the request but has no way back to %s", node, dst)
		}
		mend := w.mendRoute(node, dst)
		if w.back && dst.IsPrivate() && isPublic(w.lab, node) {
			mend = fmt.Sprintf("private addresses are unknown outside; hide them behind the host's: nat %s", w.subnet(dst))
		}
		w.stop(what, mend)
	}
}

// isPublic reports whether a node has public addresses only (RFC 1918, RFC 4193).
func isPublic(lab verb.Lab, node string) bool {
	own, err := globalAddrs(lab, node, "")
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
	if own, _ := globalAddrs(w.lab, node, ""); len(own) > 0 {
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
			if owner.Node == node || len(book.On(here)) == 0 || !sameSegment(w.lab, here, owner) {
				continue
			}
			ours, theirs := book.On(here)[0].Addr, addrOf(book, owner, dst)
			w.stop(fmt.Sprintf("%s (%s) and %s (%s) are on one segment, but in different subnets", here, ours, owner, theirs),
				"compare the addresses digit by digit, or give both an address in one subnet: addr "+here.String()+" …")
			return true
		}
	}
	return false
}

// addrOf is an address of an interface with its prefix length.
func addrOf(book *plan.Book, r plan.Ref, a netip.Addr) netip.Prefix {
	for _, u := range book.On(r) {
		if u.Addr.Addr() == a {
			return u.Addr
		}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// mendRoute proposes a route via a neighbour that is nearer to dst, a router where
// there is one.
func (w *walk) mendRoute(node string, dst netip.Addr) string {
	book, err := w.lab.Book()
	if err != nil {
		return ""
	}
	via := "GATEWAY"
	for _, gw := range neighbours(book, node, dst.Is6()) {
		if _, err := w.lab.RouteTo(gw.Node, dst); err != nil {
			continue
		}
		router := isRouter(w.lab, gw.Node, dst.Is6())
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

// neighbours are the addresses of other nodes on subnets that node shares.
func neighbours(book *plan.Book, node string, v6 bool) []plan.AddrUse {
	var own, found []plan.AddrUse
	all := book.All()
	for _, u := range all {
		if u.Node == node {
			own = append(own, u)
		}
	}
	for _, u := range all {
		if u.Node == node || u.Addr.Addr().Is6() != v6 {
			continue
		}
		if slices.ContainsFunc(own, func(o plan.AddrUse) bool { return o.Addr.Contains(u.Addr.Addr()) }) {
			found = append(found, u)
		}
	}
	return found
}
