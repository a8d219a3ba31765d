package lab

import (
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// GoesOver reports whether one of a route's ways is the one described.
func GoesOver(r plan.Route, want plan.NextHop) bool {
	return slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool {
		return (!want.Via.IsValid() || h.Via == want.Via.WithZone("")) && (want.Dev == "" || h.Dev == want.Dev) &&
			(want.Weight == 0 || max(h.Weight, 1) == want.Weight)
	})
}

// HasDefaultRoute reports whether the main table of a node has a default route
// of a family.
func HasDefaultRoute(p *verb.Plan, node string, v6 bool) bool {
	routes := verb.Ask(p, p.At, p.Routes, node)
	return slices.ContainsFunc(routes, func(r plan.Route) bool {
		return r.Dst.Bits() == 0 && r.Dst.Addr().Is6() == v6 && (r.Table == 0 || r.Table == plan.MainTable)
	})
}

// Anywhere is the destination of a default route.
func Anywhere(v6 bool) netip.Prefix {
	if v6 {
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
}
