package routes

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// route is the statement route.
type route struct {
	Nodes []syntax.NodeRef `parser:"'route' ( '<' @@* '>' | @@ )"`
	Way   routeWay         `parser:"@@"`
}

// routeWay is the route itself, as ip-route(8) orders its words.
type routeWay struct {
	Kind  *syntax.Keyword `parser:"((?= 'blackhole' | 'unreachable' | 'prohibit') @@)?"`
	Dest  syntax.Dest     `parser:"(?! 'via' | 'dev' | 'metric' | 'table' | 'src' | 'onlink' | 'weight' | 'mtu' | 'proto') @@"`
	Words []routeWord     `parser:"@@*"`
}

// routeWord is one of the words after the destination. Each via starts a next hop
// of its own; dev belongs to the next hop before it.
type routeWord struct {
	Kind   *syntax.Keyword  `parser:"  (?= 'blackhole' | 'unreachable' | 'prohibit') @@"`
	Via    []syntax.Gateway `parser:"| 'via' (@@ | '<' @@+ '>')"`
	Dev    *syntax.IfName   `parser:"| 'dev' @@"`
	Metric *syntax.Int      `parser:"| 'metric' @@"`
	Table  *syntax.Table    `parser:"| 'table' @@"`
	Src    *syntax.Address  `parser:"| 'src' @@"`
	OnLink *syntax.Keyword  `parser:"| (?= 'onlink') @@"`
	Weight *syntax.Int      `parser:"| 'weight' @@"`
	MTU    *routeMTU        `parser:"| 'mtu' @@"`
	Proto  *syntax.Keyword  `parser:"| 'proto' (?= 'static' | 'boot' | 'ra' | 'dhcp' | 'zebra' | 'bird' | 'babel' | 'bgp' | 'isis' | 'ospf' | 'rip' | 'eigrp') @@"`
}

// routeMTU is the MTU of a route; Lock keeps what is learned of the path from changing it.
type routeMTU struct {
	Lock *syntax.Keyword `parser:"((?= 'lock') @@)?"`
	Size syntax.MTU      `parser:"@@"`
}

// Route is the verb route.
func Route() *verb.Verb {
	return verb.Define[route](verb.Spec{
		Name:    "route",
		Summary: "add a route: the way from a node to a subnet",
		Usage: []string{
			"route NODE|<NODE…> DEST via GATEWAY [dev IFACE [onlink]] [src ADDRESS] [mtu [lock] N] [metric N] [table T] [proto PROTO]",
			"route NODE DEST dev IFACE",
			"route NODE DEST via <GATEWAY GATEWAY>",
			"route NODE DEST via GATEWAY weight N via GATEWAY weight N",
			"route NODE blackhole|unreachable|prohibit DEST",
		},
		Doc: `DEST is a subnet, one address, or ` + "`default`" + ` for all destinations that have no other route.
GATEWAY is the next router on the way: an address in a subnet that NODE itself is
connected to. A link-local IPv6 gateway needs its ` + "`dev`" + `. Several, in a list or
each after a ` + "`via`" + ` of its own, share the traffic between them. Of several routes to
one destination the one with the lowest ` + "`metric`" + ` wins; ` + "`table`" + ` puts the route into a
table that a ` + "`rule`" + ` refers to. ` + "`src`" + ` is the address of NODE's own that its packets have as their
source where a program chose none.

` + "`onlink`" + ` takes the gateway for a neighbour on ` + "`dev`" + ` although no subnet of NODE's has it. ` + "`weight`" + ` is the
share of the gateway before it among several, 1 to 256. ` + "`mtu`" + ` is that of packets by the route: of NODE's
own, and with ` + "`lock`" + ` also of those that it passes on, whatever is learned of the path. ` + "`proto`" + ` notes who made the
route, as in ` + "`proto static`" + `, and changes nothing else.

An IPv4 subnet may have an IPv6 gateway (Linux 5.2 and later; RFC 8950), but not the
reverse. The family of ` + "`default`" + ` is the gateway's, and IPv4 where there is none; ` + "`::/0`" + ` is
the IPv6 default route.

` + "`dev`" + ` alone says that the destination is on the link, with no router between.
` + "`blackhole`" + ` drops packets silently, ` + "`unreachable` and `prohibit`" + ` answer with an
ICMP error.

The router has to forward packets (` + "`forward`" + `), and the way back needs a route too.`,
		Examples: []verb.Example{
			{Note: "Two subnets and the router between them.", Code: "ns red r1 blue\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24\nforward r1\nroute red 10.0.2.0/24 via 10.0.1.2\nroute blue default via 10.0.2.1\nexpect ping red -> blue\n"},
			{Note: "The same route for several nodes.", Code: "ns pc1 pc2 r1 web\nbridge sw <pc1 pc2 r1> 10.0.1.0/24\nlink r1 <-> web 10.0.2.0/24\nforward r1\nroute <pc1 pc2> default via 10.0.1.3\nroute web default via 10.0.2.1\nexpect ping <pc1 pc2> -> web\n"},
			{Note: "IPv6 through a link-local gateway, and a destination that is refused.", Code: "ns red r1\nlink red <-> r1 fd00:1::/64\naddr r1 fe80::1/64\nroute red default via fe80::1 dev veth-red\nroute red prohibit 2001:db8::/32\nexpect route red -> fd00:9::1 via fe80::1\nexpect route red -> 2001:db8::1 unreachable\n"},
			{Note: "The source that packets of the node's own get.", Code: "ns red r1\nlink red 10.0.1.1/24 <-> r1 10.0.1.2/24\naddr red:lo 10.9.9.9/32 fd00:9::9/128\nroute red 10.7.0.0/16 via 10.0.1.2 src 10.9.9.9\nroute red fd00:7::/64 dev veth-red src fd00:9::9\nexpect route red -> 10.7.0.1 src 10.9.9.9\nexpect route red -> fd00:7::1 src fd00:9::9\nexpect not route red -> 10.0.1.2 src 10.9.9.9\n"},
			{Note: "A gateway outside of the subnet, as hosting providers have it, and a smaller MTU.", Code: "ns vm gw\nlink vm:eth0 <-> gw:eth0 noaddr\naddr vm:eth0 203.0.113.7/32\naddr gw:eth0 192.0.2.1/32\nroute vm default via 192.0.2.1 dev eth0 onlink\nroute gw 203.0.113.7 dev eth0\naddr gw:lo 198.51.100.9/32\nexpect ping vm -> 198.51.100.9\nroute vm 198.51.100.0/24 via 192.0.2.1 dev eth0 onlink mtu 1400\nexpect route vm -> 198.51.100.9 mtu 1400\n"},
			{Note: "Three packets in four go by the faster line.", Code: "ns red r1 r2\nlink red <-> r1 10.0.1.0/24\nlink red <-> r2 10.0.2.0/24\nroute red default via 10.0.1.2 weight 3 via 10.0.2.2\nexpect route red -> default via 10.0.1.2 weight 3\n"},
			{Note: "Two next hops at once, and a backup route.", Code: "ns red r1 r2\nlink red <-> r1 10.0.1.0/24\nlink red <-> r2 10.0.2.0/24\nroute red 10.9.0.0/16 via <10.0.1.2 10.0.2.2>\nroute red 10.9.0.0/16 via 10.0.2.2 metric 100\nexpect route red -> 10.9.0.0/16 via 10.0.2.2\n"},
		},
	})
}

// Check finds words that exclude each other, and families that do not fit.
func (t *route) Check() diag.List {
	r := t.Way.read()
	list := t.Way.problems(r)
	switch {
	case r.Kind != plan.Unicast && len(r.Hops) > 0:
		list.Add(diag.Errorf(diag.OptionClash, r.at[0].via.To(r.at[0].dev), "a %s route leads nowhere, so it has no gateway and no interface", r.Kind).
			WithHelp("remove one of them"))
	case !r.weighed.IsZero() && len(r.Hops) == 1:
		list.Add(diag.Errorf(diag.OptionClash, r.weighed, "a weight is a share among several gateways, and there is one").
			WithHelp("add another: via ADDRESS"))
	case r.Kind == plan.Unicast && len(r.Hops) == 0:
		end := source.Span{Start: t.Way.Dest.Span.End, End: t.Way.Dest.Span.End}
		list.Add(diag.Missing(end, "route", "the gateway or interface for "+t.Way.Dest.Value).
			WithHelp("through a router: via ADDRESS; or directly: dev INTERFACE"))
	}
	return list
}

// problems are the findings about the words themselves.
func (w *routeWay) problems(r *routeWords) diag.List {
	list := slices.Concat(r.list, w.families())
	if dst := r.Dst.Addr(); len(list) == 0 && r.Src.IsValid() && dst.IsValid() && dst.Is6() != r.Src.Is6() {
		list.Add(diag.Errorf(diag.FamilyMismatch, r.src, "%s is %s, but the source %s is %s", w.Dest.Value, lab.Family(dst.Is6()), r.Src, lab.Family(r.Src.Is6())))
	}
	return list
}

// families reports IPv4 gateways of IPv6 destinations, and without a destination's
// family gateways of two. An IPv4 route through an IPv6 gateway is what RFC 8950 needs
// (RTA_VIA, Linux 5.2).
func (w *routeWay) families() diag.List {
	var list diag.List
	first := w.Dest.Text
	known := !w.Dest.Dynamic && !w.Dest.IsDefault()
	v6 := w.Dest.Prefix().Addr().Is6()
	for _, via := range w.gateways() {
		switch {
		case via.Dynamic:
		case !known:
			known, first, v6 = true, via.Text, via.Addr().Is6()
		case via.Addr().Is6() != v6 && (v6 || w.Dest.IsDefault()):
			list.Add(diag.Errorf(diag.FamilyMismatch, via.Span, "%s is %s, but the gateway %s is %s",
				first.Value, lab.Family(v6), via.Value, lab.Family(!v6)).
				WithHelp("a route stays in its family: write an %s gateway", lab.Family(v6)))
		}
	}
	return list
}

// sourceIsOwn reports a source that no interface of the node has, which the kernel would
// refuse (fib_valid_prefsrc, net/ipv4/fib_semantics.c).
func sourceIsOwn(p *verb.Plan, node string, r *routeWords) {
	if !r.Src.IsValid() {
		return
	}
	var have []netip.Prefix
	for _, l := range verb.Ask(p, r.src, p.Links, node) {
		have = append(have, l.Addrs...)
	}
	if slices.ContainsFunc(have, func(a netip.Prefix) bool { return a.Addr() == r.Src }) {
		return
	}
	p.Fail(diag.LacksAddress(diag.NotThere, r.src, node, r.Src.String()).
		WithHelp("%s", lab.Listed("it has", lab.Texts(have), "it has no address")))
}

// gateways are the addresses after via, in their order.
func (w *routeWay) gateways() []syntax.Gateway {
	var all []syntax.Gateway
	for _, word := range w.Words {
		all = append(all, word.Via...)
	}
	return all
}

// Plan adds the route.
func (t *route) Plan(p *verb.Plan) {
	for _, node := range lab.Named(p, t.Nodes) {
		r := t.Way.read()
		if !p.Uncertain() {
			g := gateways{p: p, node: node, v6: r.Dst.Addr().Is6()}
			g.check(r, t.Way.Dest.Span)
			sourceIsOwn(p, node, r)
		}
		if !p.Failed() {
			p.Do(p.At, plan.AddRoute{Node: node, Route: r.Route})
		}
	}
}
