package routes

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// gateways checks the ways of a new route against what its node is connected
// to, in the words of networking and before the kernel does (fib_check_nh,
// net/ipv4/fib_semantics.c; ip6_route_check_nh, net/ipv6/route.c).
type gateways struct {
	p      *verb.Plan
	node   string
	v6     bool
	links  []plan.Link
	routes []plan.Route
}

// check reports what is wrong with a route whose destination is at dest.
func (g *gateways) check(r *routeWords, dest source.Span) {
	var err, err2 error
	g.links, err = g.p.Links(g.node)
	g.routes, err2 = g.p.Routes(g.node)
	g.p.Err(dest, err)
	g.p.Err(dest, err2)
	if g.p.Failed() {
		return
	}
	for i, h := range r.Hops {
		d := g.dev(r.at[i].dev, h.Dev)
		if d == nil && h.Via.IsValid() {
			way := *g
			way.v6 = h.Via.Is6() // which the destination need not be
			d = way.gateway(r.at[i].gateway(), h)
		}
		g.p.Fail(d)
	}
	for _, old := range g.routes {
		if sameSlot(old, r.Route) {
			g.p.Fail(diag.Errorf(diag.NameTaken, source.Span{Start: dest.Start, End: g.p.At.End}, "%s has a route to %s already: %s", g.node, old.Dest(), old).
				WithHelp("delete it first: del route %s %s\nor let the two differ by their metric: metric 100", g.node, old))
			return
		}
	}
	g.p.Fail(g.superfluous(r.Route, dest))
}

// wayAt are the places of the words of one way; a word that is not there is nowhere.
type wayAt struct{ via, dev source.Span }

// gateway is the place of the gateway, with the interface that follows it: what is wrong
// there may be put right by a word after them.
func (w wayAt) gateway() source.Span {
	if w.dev.Start > w.via.Start {
		return w.via.To(w.dev)
	}
	return w.via
}

// superfluous warns of a route to a subnet that the kernel has one to already, for an
// address of that interface, and prefers (IP6_RT_PRIO_ADDRCONF, <linux/ipv6_route.h>).
func (g *gateways) superfluous(r plan.Route, at source.Span) *diag.Diagnostic {
	for _, old := range g.routes {
		if old.Proto == plan.ProtoKernel && old.Dst == r.Dst && old.Table == r.Table && slices.Equal(old.Hops, r.Hops) && old.KernelMetric() < r.KernelMetric() {
			return diag.New(diag.NoEffect, diag.Warning, at, "%s has a route to %s over %s already, by its address there", g.node, old.Dest(), old.Hops[0].Dev).
				WithHelp("the kernel prefers its own, whose metric is lower; leave this one out")
		}
	}
	return nil
}

// sameSlot reports whether the kernel takes only one of two routes: same
// table, destination and metric.
func sameSlot(a, b plan.Route) bool {
	if a.Table == plan.MainTable {
		a.Table = 0
	}
	if b.Table == plan.MainTable {
		b.Table = 0
	}
	return a.Dst == b.Dst && a.Table == b.Table && a.KernelMetric() == b.KernelMetric()
}

// dev checks that the interface of a way is there and up.
func (g *gateways) dev(at source.Span, name string) *diag.Diagnostic {
	if name == "" {
		return nil
	}
	i := slices.IndexFunc(g.links, func(l plan.Link) bool { return l.Name == name })
	switch {
	case i < 0:
		return verb.UnknownLink(g.p, at, plan.Ref{Node: g.node, Link: name})
	case !g.links[i].Up:
		return isDown(at, plan.Place(g.node, name))
	case g.v6:
		return lab.NoIPv6(g.p, at, g.node, name)
	}
	return nil
}

func isDown(at source.Span, place string) *diag.Diagnostic {
	return diag.Errorf(diag.BadGateway, at, "%s is down, so no route can lead over it", place).
		WithHelp("set it up first: up %s", place)
}

// gateway checks that the node has a neighbour's subnet around a gateway.
func (g *gateways) gateway(at source.Span, h plan.NextHop) *diag.Diagnostic {
	own := func(l plan.Link) bool {
		return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == h.Via.WithZone("") })
	}
	switch {
	case h.Via.Is4() && slices.ContainsFunc(g.links, own):
		return diag.New(diag.BadGateway, diag.Warning, at, "%s is an address of %s itself, so the packets go to their destination with no router between", h.Via, g.node).
			WithHelp("%s", g.hint("that is what dev alone says; a gateway is another node's address"))
	case slices.ContainsFunc(g.links, own):
		return diag.Errorf(diag.BadGateway, at, "%s is an address of %s itself; a gateway is another node's", h.Via, g.node).
			WithHelp("%s", g.hint("write the address of the next router on the way"))
	case h.Via.Is6() && h.Via.IsLinkLocalUnicast() && h.Dev == "":
		return diag.Errorf(diag.Ambiguous, at, "%s is a link-local address: it may be on any interface of %s", h.Via, g.node).
			WithHelp("say which: via %s dev %s", h.Via, g.anyDev())
	case h.OnLink || lab.OnLink(g.routes, h):
		return nil
	}
	return g.unreachable(at, h)
}

// anyDev is an interface of the node, as an example.
func (g *gateways) anyDev() string {
	for _, l := range g.links {
		if l.Name != plan.Loopback {
			return l.Name
		}
	}
	return "INTERFACE"
}

// unreachable says why no route leads to a gateway.
func (g *gateways) unreachable(at source.Span, h plan.NextHop) *diag.Diagnostic {
	who := plan.Place(g.node, h.Dev)
	if h.Dev == "" {
		who = g.node
	}
	nets, down := g.subnets(h)
	switch {
	case down != "":
		return diag.Errorf(diag.BadGateway, at, "%s cannot reach the gateway %s: %s is down", g.node, h.Via, down).
			WithHelp("set it up first: up %s", down)
	case len(nets) == 0 && !lab.Cabled(g.p, g.node):
		return diag.Errorf(diag.NoAddress, at, "%s has no interface besides lo, so it cannot reach the gateway %s", g.node, h.Via).
			WithHelp("connect it first: link %s <-> …", g.node)
	case len(nets) == 0:
		return diag.Errorf(diag.NoAddress, at, "%s has no %s address, so it cannot reach the gateway %s", who, lab.Family(g.v6), h.Via).
			WithHelp("give it one in the gateway's subnet first: addr %s %s", who, g.beside(h.Via))
	}
	return diag.Errorf(diag.BadGateway, at, "%s cannot reach the gateway %s: it is in none of its subnets (%s)",
		who, h.Via, strings.Join(nets, ", ")).WithHelp("%s", g.meant(h))
}

// subnets are those of the node's addresses, and the interface that is down
// although one of its subnets holds the gateway.
func (g *gateways) subnets(h plan.NextHop) (nets []string, down string) {
	for _, l := range g.links {
		if l.Name == plan.Loopback || h.Dev != "" && l.Name != h.Dev {
			continue
		}
		for _, a := range l.Addrs {
			if a.Addr().Is6() != g.v6 || !plan.InBook(a.Addr()) {
				continue
			}
			if a.Contains(h.Via) && !l.Up {
				down = plan.Place(g.node, l.Name)
			}
			if net := a.Masked().String(); !slices.Contains(nets, net) {
				nets = append(nets, net)
			}
		}
	}
	return nets, down
}

// beside is a free address in the subnet of a gateway, as an example.
func (g *gateways) beside(gw netip.Addr) string {
	bits := 24
	if gw.Is6() {
		bits = 64
	}
	book, err := g.p.Book()
	if err != nil {
		return "ADDRESS/LENGTH"
	}
	used := plan.NewBook()
	for _, u := range append(book.All(), plan.AddrUse{Addr: netip.PrefixFrom(gw, bits)}) {
		used.Add(u)
	}
	free, ok := lab.FreeIn(used, netip.PrefixFrom(gw, bits).Masked())
	if !ok {
		return "ADDRESS/LENGTH"
	}
	return free.String()
}

// meant is the neighbour whose address is one typing error away, or a hint.
func (g *gateways) meant(h plan.NextHop) string {
	near, err := lab.Neighbours(g.p, g.node, g.v6)
	if err != nil {
		return ""
	}
	var all []string
	for _, u := range near {
		all = append(all, u.Addr.Addr().String())
	}
	if near := diag.Nearest(h.Via.String(), all); near != "" && oneSlip(near, h.Via.String()) {
		return "did you mean " + near + "?"
	}
	return g.hint("a gateway is the next router on the way: another node's address in a subnet of " + g.node)
}

// hint adds an example from the lab to a text.
func (g *gateways) hint(text string) string {
	if near, err := lab.Neighbours(g.p, g.node, g.v6); err == nil && len(near) > 0 {
		return text + ", as " + near[0].Addr.Addr().String() + " of " + near[0].Node
	}
	return text
}

// oneSlip reports whether two texts differ by one character that is wrong,
// missing or too many.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	same := 0
	for same < len(a) && a[same] == b[same] {
		same++
	}
	switch len(b) - len(a) {
	case 0:
		return same < len(a) && a[same+1:] == b[same+1:]
	case 1:
		return a[same:] == b[same+1:]
	}
	return false
}
