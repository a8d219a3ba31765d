package routes

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// delRoute is the statement del route.
type delRoute struct {
	Node syntax.NodeRef `parser:"'del' 'route' @@"`
	Way  routeWay       `parser:"@@"`
}

// DelRoute is the form del route.
func DelRoute() verb.Form {
	return verb.Form{
		Grammar: (*delRoute)(nil),
		Usage:   "del route NODE DEST [via GATEWAY] [dev IFACE] [metric N] [table T]",
		Doc: `Of several routes to DEST the one with the lowest metric goes, unless the other
words say which; ` + "`default`" + ` is the IPv4 default route, and the IPv6 one where there
is no other.`,
		Examples: []verb.Example{
			{Note: "No route, no way out.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\nroute red default via 192.168.15.2\ndel route red default\nexpect route red -> 8.8.8.8 unreachable\n"},
		},
	}
}

// Check finds words that exclude each other.
func (d *delRoute) Check() diag.List { return d.Way.problems(d.Way.read()) }

// Plan deletes the route that the words describe.
func (d *delRoute) Plan(p *verb.Plan) {
	node, ok := p.Node(d.Node)
	if !ok {
		return
	}
	routes, err := p.Routes(node)
	if err != nil {
		p.Err(d.Node.Span, err)
		return
	}
	var best *plan.Route
	for _, r := range routes {
		if d.Way.means(r) && (best == nil || d.before(r, *best)) {
			best = &r
		}
	}
	switch {
	case best != nil:
		p.Do(p.At, plan.DelRoute{Node: node, Route: best.Exact()})
	case !p.Uncertain():
		p.Fail(diag.Errorf(diag.NotThere, d.Way.Dest.Span, "%s has no such route to %s", node, d.Way.Dest.Value).
			WithHelp("%s", lab.Listed("it has", lab.Texts(routes), "it has no route at all")))
	}
}

// before orders the routes that a statement may mean.
func (d *delRoute) before(a, b plan.Route) bool {
	if a.Dst.Addr().Is6() != b.Dst.Addr().Is6() {
		return b.Dst.Addr().Is6()
	}
	return a.KernelMetric() < b.KernelMetric()
}

// means reports whether a route is one that the words describe.
func (w *routeWay) means(r plan.Route) bool {
	want := w.read()
	dst := r.Dst == want.Dst
	if w.Dest.IsDefault() && len(want.Hops) == 0 {
		dst = r.Dst.Bits() == 0
	}
	table := want.Table
	if table == plan.MainTable {
		table = 0
	}
	switch {
	case !dst, r.Table != table,
		want.given["metric"] && r.KernelMetric() != want.Route.KernelMetric(),
		want.given["src"] && r.Src != want.Src,
		want.Kind != plan.Unicast && r.Kind != want.Kind:
		return false
	}
	for _, h := range want.Hops {
		if !lab.GoesOver(r, h) {
			return false
		}
	}
	return true
}
