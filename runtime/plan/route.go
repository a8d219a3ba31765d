package plan

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// MainTable is the number of the routing table that is used when none is
// named (RT_TABLE_MAIN; ip-route(8)).
const MainTable = 254

// Route kinds, as ip-route(8) names them. The empty kind is unicast.
const (
	Unicast     = ""
	Blackhole   = "blackhole"
	Unreachable = "unreachable"
	Prohibit    = "prohibit"
)

// ProtoKernel marks the routes that the kernel makes for addresses: they come
// and go with them.
const ProtoKernel = "kernel"

// RouteProtos are the names of those who make routes, other than the kernel and people
// (rtnetlink(7), /etc/iproute2/rt_protos).
func RouteProtos() []string {
	return []string{"static", "ra", "dhcp", "zebra", "bird", "babel", "bgp", "isis", "ospf", "rip", "eigrp"}
}

// HasGateway reports a route of which a way leads to a gateway.
func (r Route) HasGateway() bool {
	return slices.ContainsFunc(r.Hops, func(h NextHop) bool { return h.Via.IsValid() })
}

// NextHop is one way a route goes.
type NextHop struct {
	// Via is the gateway; the zero Addr means that the destination is on the link.
	Via netip.Addr
	// Dev is the interface, or "" to let the kernel find it from Via.
	Dev string
	// OnLink: Via is taken for a neighbour on Dev, whatever the routes say.
	OnLink bool
	// Weight is the share of a multipath route's traffic, 1 to 256; 0 is 1.
	Weight int
}

// Route is one entry of a routing table.
type Route struct {
	Kind string
	// Dst is the destination; 0.0.0.0/0 and ::/0 are the default routes.
	Dst netip.Prefix
	// Hops is empty for blackhole and its like; several make a multipath route.
	Hops []NextHop
	// Metric is 0 for the kernel's default (0 for IPv4, 1024 for IPv6).
	Metric int
	// Table is 0 for the main table.
	Table int
	// Src is the preferred source address, or the zero Addr.
	Src netip.Addr
	// HopLimit is the time to live that packets of the node's own get by it; 0 is the
	// node's. It is known of an answer to RouteTo only.
	HopLimit int
	// MTU is that of packets that go by it, 0 for that of the interface. MTULock: it is not
	// changed by what is learned of the path, and counts for packets that are passed on.
	MTU     int
	MTULock bool
	// Proto says who made it: "kernel", "boot", "static", …; "" for boot (ours).
	Proto string
	// Advertised: the kernel has it from a router advertisement, for a time.
	Advertised bool
}

// ToGateway is a route to a gateway that shows it to the kernel as a neighbour while
// routes through it are added; its metric keeps it apart from all others.
func ToGateway(h NextHop) Route {
	return Route{Dst: netip.PrefixFrom(h.Via, h.Via.BitLen()), Hops: []NextHop{{Dev: h.Dev}}, Metric: 1 << 30}
}

// KernelMetric is the number that the kernel orders the route by, its default
// included (IP6_RT_PRIO_USER, <linux/ipv6_route.h>).
func (r Route) KernelMetric() int {
	if r.Metric == 0 && r.Dst.Addr().Is6() {
		return 1024
	}
	return r.Metric
}

// Exact is the route with its metric spelt, as deleting it needs: without one,
// the kernel deletes the IPv6 route of the lowest metric, of whatever kind.
func (r Route) Exact() Route {
	r.Metric = r.KernelMetric()
	return r
}

// Dest is the destination as ip-route(8) writes it.
func (r Route) Dest() string {
	if r.Dst.Bits() == 0 {
		return "default"
	}
	return r.Dst.String()
}

// String is the route as ip-route(8) takes it, without the family.
func (r Route) String() string { return strings.Join(r.words(), " ") }

func (r Route) words() []string {
	var w []string
	if r.Kind != Unicast {
		w = append(w, r.Kind)
	}
	w = append(w, r.Dest())
	if len(r.Hops) == 1 {
		w = append(w, r.Hops[0].words(r.Dst.Addr())...)
	}
	if r.MTULock {
		w = append(w, "mtu", "lock", strconv.Itoa(r.MTU))
	} else if r.MTU != 0 {
		w = append(w, "mtu", strconv.Itoa(r.MTU))
	}
	if r.Src.IsValid() {
		w = append(w, "src", r.Src.String())
	}
	if r.Metric != 0 {
		w = append(w, "metric", strconv.Itoa(r.Metric))
	}
	if r.Table != 0 && r.Table != MainTable {
		w = append(w, "table", strconv.Itoa(r.Table))
	}
	if slices.Contains(RouteProtos(), r.Proto) {
		w = append(w, "proto", r.Proto)
	}
	if len(r.Hops) > 1 {
		for _, h := range r.Hops {
			w = append(append(w, "nexthop"), h.words(r.Dst.Addr())...)
		}
	}
	return w
}

func (h NextHop) words(dst netip.Addr) []string {
	var w []string
	switch {
	case !h.Via.IsValid():
	case h.Via.Is6() && dst.Is4():
		w = append(w, "via", "inet6", h.Via.String())
	default:
		w = append(w, "via", h.Via.String())
	}
	if h.Dev != "" {
		w = append(w, "dev", h.Dev)
	}
	if h.Weight > 1 {
		w = append(w, "weight", strconv.Itoa(h.Weight))
	}
	if h.OnLink {
		w = append(w, "onlink")
	}
	return w
}

// AddRoute adds a route; one with the same destination and metric is an error.
type AddRoute struct {
	Node  string
	Route Route
	// Append: it comes after those with the same destination and metric, as the
	// kernel's own routes of two interfaces in one subnet (ip route append).
	Append bool
}

// DelRoute deletes a route.
type DelRoute struct {
	Node  string
	Route Route
}

func (AddRoute) op() {}
func (DelRoute) op() {}

// Effect is the route.
func (o AddRoute) Effect() Effect {
	return Effect{Object: "route to " + o.Route.Dest() + " in " + o.Node, Text: o.Node + ": route " + o.Route.String()}
}

// Effect is the loss of the route.
func (o DelRoute) Effect() Effect { return lost("route to " + o.Route.Dest() + " in " + o.Node) }

// Effect is the rule.
func (o AddRule) Effect() Effect {
	return Effect{Object: "rule " + o.Rule.String() + " in " + o.Node, Text: o.Node + ": rule " + o.Rule.String()}
}

// Effect is the loss of the rule.
func (o DelRule) Effect() Effect { return lost("rule " + o.Rule.String() + " in " + o.Node) }

// Inverse deletes the route.
func (o AddRoute) Inverse() []Op { return []Op{DelRoute{Node: o.Node, Route: o.Route.Exact()}} }

// Inverse adds the route.
func (o DelRoute) Inverse() []Op { return []Op{AddRoute{Node: o.Node, Route: o.Route}} }

// Commands is ip route add, or append.
func (o AddRoute) Commands() []Command {
	action := "add"
	if o.Append {
		action = "append"
	}
	return []Command{routeCommand(o.Node, action, o.Route)}
}

// Commands is ip route del.
func (o DelRoute) Commands() []Command { return []Command{routeCommand(o.Node, "del", o.Route)} }

func routeCommand(node, action string, r Route) Command {
	return append(ip(node, append(family(r.Dst.Addr()), "route", action)...), r.words()...)
}

// family is the option that ip(8) needs where a word does not tell the family.
func family(a netip.Addr) []string {
	if a.Is6() {
		return []string{"-6"}
	}
	return nil
}
