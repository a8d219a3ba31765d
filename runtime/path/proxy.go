package path

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// proxies reports whether a node answers for an address that is not its own: as a router
// with a route to it over another interface, where proxy_arp or an entry says so
// (arp_process, net/ipv4/arp.c; ndisc_recv_ns, net/ipv6/ndisc.c).
func (s *Snapshot) proxies(l plan.Link, addr, src netip.Addr) bool {
	if _, forwards := s.forwards(l.Node, l.Name, addr.Is6()); !forwards || l.NoARP || s.isOwn(l.Node, addr) {
		return false
	}
	entry := s.proxyEntry(l, addr)
	if addr.Is6() {
		return entry && s.onAny(l, "ipv6", "proxy_ndp")
	}
	if !entry && !s.onAny(l, "ipv4", "proxy_arp") {
		return false
	}
	r, err := s.RouteTo(l.Node, plan.RouteQuery{Dst: addr, Src: src, IIf: l.Name})
	return err == nil && r.Kind == plan.Unicast && len(r.Hops) > 0 && r.Hops[0].Dev != l.Name
}

func (s *Snapshot) proxyEntry(l plan.Link, addr netip.Addr) bool {
	table, err := s.Neighbours(l.Node)
	return err == nil && slices.ContainsFunc(table, func(e plan.Neighbour) bool {
		return e.State == plan.Proxy && e.IP == addr && e.Dev == l.Name
	})
}

// onAny reports whether a setting of an interface is on, or that of all.
func (s *Snapshot) onAny(l plan.Link, family, key string) bool {
	return s.on(l.Node, "net."+family+".conf.all."+key) || s.on(l.Node, "net."+family+".conf."+plan.SettingName(l.Name)+"."+key)
}

// unproxied finds an interface of a segment with an entry to answer for an address, by which
// its node does not answer.
func (s *Snapshot) unproxied(out plan.Ref, addr netip.Addr) Cause {
	for r := range Segment(s, out) {
		l, err := s.Link(r.Node, r.Link)
		if err != nil || r == out || !s.proxyEntry(l, addr) {
			continue
		}
		if key, forwards := s.forwards(l.Node, l.Name, addr.Is6()); !forwards {
			return Unproxied{r, key}
		}
		if addr.Is6() && !s.onAny(l, "ipv6", "proxy_ndp") {
			return Unproxied{r, "net.ipv6.conf." + plan.SettingName(l.Name) + ".proxy_ndp"}
		}
	}
	return nil
}
