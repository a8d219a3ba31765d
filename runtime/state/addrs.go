package state

import (
	"bytes"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// withoutAutomatic are the addresses of an interface without those that the kernel makes
// of a hardware address, which may be one that it has no more, those that it makes of router
// advertisements, and those that every loopback has.
func withoutAutomatic(l plan.Link) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(l.Addrs), func(p netip.Prefix) bool {
		a := p.Addr()
		return l.AddrOptions(p).SLAAC || a.Is6() && a.IsLinkLocalUnicast() && bytes.Equal(a.AsSlice()[11:13], eui64) || l.Name == plan.Loopback && l.Kind == "" && a.IsLoopback()
	})
}

// withoutAdvertised are the routes without those that the kernel has from router
// advertisements: the default route, and those to the subnets of the addresses that it made.
func withoutAdvertised(routes []plan.Route, links []Link) []plan.Route {
	made := map[plan.NextHop]map[netip.Prefix]bool{}
	for _, l := range links {
		subnets := map[netip.Prefix]bool{}
		for _, w := range l.Special {
			if w.SLAAC {
				subnets[w.Addr.Masked()] = true
			}
		}
		for _, a := range l.Addrs {
			delete(subnets, a.Masked())
		}
		made[plan.NextHop{Dev: l.Name}] = subnets
	}
	return slices.DeleteFunc(slices.Clone(routes), func(r plan.Route) bool {
		return r.Advertised || r.Proto == plan.ProtoKernel && len(r.Hops) == 1 && made[r.Hops[0]][r.Dst]
	})
}
