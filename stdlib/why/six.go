package why

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// without6 finds an interface of a node on which IPv6 is disabled, though others on its
// segment have IPv6 addresses.
func (q *inquiry) without6(node string) bool {
	links, err := q.snap.Links(node)
	if err != nil {
		return false
	}
	for _, l := range links {
		if l.Up && l.Name != plan.Loopback && l.MTU < plan.MinMTU6 && q.has6(l.Ref()) {
			q.stop(fmt.Sprintf("%s has no IPv6: its MTU is %d, and IPv6 needs at least %d", l.Ref(), l.MTU, plan.MinMTU6),
				fmt.Sprintf("raise it, and give it its addresses again: mtu %s 1500", l.Ref()))
			return true
		}
		key := "net.ipv6.conf." + plan.SettingName(l.Name) + ".disable_ipv6"
		if value, err := q.snap.Sysctl(node, key); l.Name == plan.Loopback || err != nil || value != "1" || !q.has6(l.Ref()) {
			continue
		}
		all := "net.ipv6.conf.all.disable_ipv6"
		if value, err := q.snap.Sysctl(node, all); err == nil && value == "1" {
			q.stop(fmt.Sprintf("IPv6 is disabled on %s: %s is 1", node, all), "turn it on, and give it its addresses again: sysctl "+node+" "+all+"=0")
		} else {
			q.stop(fmt.Sprintf("IPv6 is disabled on %s: %s is 1", l.Ref(), key), "turn it on, and give it its addresses again: sysctl "+node+" "+key+"=0")
		}
		return true
	}
	return false
}

// unadvised finds that a node takes no routes from router advertisements although it asks for
// them and gets some: it forwards (accept_ra, ip-sysctl.rst).
func (q *inquiry) unadvised(e path.NoRoute) bool {
	links, err := q.snap.Links(e.Node)
	if err != nil || !e.Dst.Is6() || !q.advised(e.Node) {
		return false
	}
	for _, l := range links {
		of := "net.ipv6.conf." + plan.SettingName(l.Name)
		value := func(key string) string { v, _ := q.snap.Sysctl(e.Node, key); return v }
		if l.Name == plan.Loopback || !l.Up || l.Taker() != "" {
			continue
		}
		switch accept, forwards := value(of+".accept_ra"), value(of+".forwarding"); {
		case accept == "1" && forwards == "1":
			q.stop(fmt.Sprintf("%s has no route to %s, and takes none from router advertisements, for it forwards: %s.accept_ra is 1, and %s.forwarding is 1", e.Node, e.Dst, of, of),
				fmt.Sprintf("let it take them: sysctl %s %s.accept_ra=2", e.Node, of))
			return true
		case accept == "0":
			q.stop(fmt.Sprintf("%s has no route to %s, and takes none from router advertisements: %s.accept_ra is 0", e.Node, e.Dst, of),
				fmt.Sprintf("let it take them: sysctl %s %s.accept_ra=1", e.Node, of))
			return true
		}
	}
	return false
}

// advised reports whether a node has received router advertisements.
func (q *inquiry) advised(node string) bool {
	w, ok := q.prober.(plan.Watcher)
	if !ok {
		return false
	}
	counts, err := w.Drops([]string{node})
	return err == nil && slices.ContainsFunc(counts, func(c plan.DropCount) bool { return c.Counter == plan.RouterAdvertisements })
}

// has6 reports whether another interface of a segment has an IPv6 address that is not of
// the link only.
func (q *inquiry) has6(at plan.Ref) bool {
	for r := range path.Segment(q.snap, at) {
		l, err := q.snap.Link(r.Node, r.Link)
		if err == nil && r != at && slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr().Is6() && plan.InBook(p.Addr()) }) {
			return true
		}
	}
	return false
}

// preferred finds an IPv6 route with a better metric than the one that is used now, to a gateway
// that no interface has: packets are lost until the node has given up asking for it.
func (q *inquiry) preferred() {
	hops := q.Request.Hops
	if q.Reply != nil {
		hops = slices.Concat(hops, q.Reply.Hops)
	}
	for _, h := range hops {
		_, r := path.Decider(q.snap, h.Node, h.Query)
		if !h.Query.Dst.Is6() || len(r.Hops) == 0 || len(h.Route.Hops) == 0 {
			continue
		}
		via := r.Hops[0].Via
		if via.IsValid() && via != h.Next && lab.OwnerOf(q.Lab, h.Node, via) == "" {
			q.stop(fmt.Sprintf("%s prefers its route %s, and no interface of the lab has that address; it takes another one only once it has given up asking for it", h.Node, r),
				fmt.Sprintf("take the route away: del route %s %s", h.Node, r))
			return
		}
	}
}
