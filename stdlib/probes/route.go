package probes

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// routeProbe is the probe route.
type routeProbe struct {
	From  syntax.NodeSet     `parser:"'route' @@ '->'"`
	Dest  syntax.RouteTarget `parser:"@@"`
	Words []routeAsk         `parser:"@@*"`
	once
}

// routeAsk is one thing that a route is asked for.
type routeAsk struct {
	Via         *syntax.Gateway `parser:"  'via' @@"`
	Dev         *syntax.IfName  `parser:"| 'dev' @@"`
	Src         *syntax.Address `parser:"| 'src' @@"`
	Weight      *syntax.Int     `parser:"| 'weight' @@"`
	MTU         *syntax.MTU     `parser:"| 'mtu' @@"`
	Mark        *syntax.Mark    `parser:"| 'mark' @@"`
	Unreachable *syntax.Keyword `parser:"| (?= 'unreachable') @@"`
}

// Route is the probe route.
func Route() *verb.Verb {
	return verb.Define[routeProbe](verb.Spec{
		Name:    "route",
		Summary: "what a node's kernel would do with a packet",
		Usage:   []string{"route A -> DEST [via GATEWAY] [dev IFACE] [weight N] [src ADDRESS] [mtu N] [mark N]", "route A -> DEST unreachable [mark N]"},
		Doc: `DEST is an address or a node: the kernel is asked what it would do with a packet
there. Or it is ` + "`default`" + ` or a subnet: then A's main table must have a route to
exactly that.

` + "`via` and `dev`" + ` say which way; of a route with several ways each counts. ` + "`src`" + ` is the source
that a packet of A's own gets, ` + "`mtu`" + ` what the route says of packets by it, and ` + "`weight`" + ` the share of
the way among several, of a route to ` + "`default`" + ` or a subnet.
` + "`unreachable`" + ` holds when there is no way, or a route that refuses. With ` + "`mark N`" + ` it is about packets that
have that firewall mark.`,
		Examples: []verb.Example{
			{Note: "Connected, through a router, and not at all.", Code: "ns red r1\nlink red <-> r1 10.0.1.0/24\nexpect route red -> r1 dev veth-red\nexpect route red -> 8.8.8.8 unreachable\nroute red default via 10.0.1.2\nexpect route red -> 8.8.8.8 via 10.0.1.2\nexpect route red -> default via 10.0.1.2 dev veth-red\nexpect not route red -> 10.0.1.2 via 10.0.1.2\n"},
		},
	})
}

// Check finds words that exclude each other.
func (e *routeProbe) Check() diag.List {
	for _, w := range e.Words {
		if w.Mark != nil && e.Dest.IsEntry() {
			return diag.List{diag.Errorf(diag.OptionClash, w.Mark.Span, "a mark belongs to a packet, and %s is no destination of one", e.Dest.Value).
				WithHelp("write an address")}
		}
		if w.Unreachable != nil && slices.ContainsFunc(e.Words, func(o routeAsk) bool { return o.Unreachable == nil && o.Mark == nil }) {
			return diag.List{diag.Errorf(diag.OptionClash, w.Unreachable.Span, "what is unreachable has no gateway and no interface").
				WithHelp("remove unreachable or the other words")}
		}
	}
	return nil
}

// Names reports nodes that never were.
func (e *routeProbe) Names(view verb.Lab) diag.List {
	list := lab.UnknownIn(view, e.From, syntax.TargetSet{})
	if !e.Dest.IsEntry() && !e.Dest.Dynamic {
		_, d := lab.TargetOf(view, syntax.Target(e.Dest))
		list.Add(d)
	}
	return list
}

// Probe looks once.
func (e *routeProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	from, err := lab.Nodes(env, e.From)
	if err != nil {
		return nil, err
	}
	var answers []verb.Answer
	for _, f := range from {
		routes, err := env.Routes(f)
		a := verb.Answer{Subject: "route " + f + " -> " + e.Dest.Value, Definite: true}
		switch {
		case errors.Is(err, plan.ErrNoNode):
			a.Seen = lab.NoMore(f)
		case err != nil:
			return nil, err
		case e.Dest.IsEntry():
			e.entry(&a, f, routes)
		default:
			e.packet(env, &a, f, routes)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// want is the way that is asked for, and whether none is.
func (e *routeProbe) want() (hop plan.NextHop, unreachable bool) {
	for _, w := range e.Words {
		switch {
		case w.Via != nil:
			hop.Via = w.Via.Addr().WithZone("")
		case w.Dev != nil:
			hop.Dev = w.Dev.Value
		case w.Weight != nil:
			hop.Weight = w.Weight.Int()
		case w.Src != nil, w.MTU != nil, w.Mark != nil:
		default:
			unreachable = true
		}
	}
	return hop, unreachable
}

// mark is the firewall mark of the packets that are meant, 0 for none.
func (e *routeProbe) mark() uint32 {
	for _, w := range e.Words {
		if w.Mark != nil {
			return w.Mark.Mark()
		}
	}
	return 0
}

// source is the source that is asked for; the zero Addr for any.
func (e *routeProbe) source() netip.Addr {
	for _, w := range e.Words {
		if w.Src != nil {
			return w.Src.Addr()
		}
	}
	return netip.Addr{}
}

// sourced turns down an answer whose route gives another source than is asked for.
func (e *routeProbe) sourced(a *verb.Answer, r plan.Route) {
	src := e.source()
	if !src.IsValid() || r.Src == src {
		return
	}
	a.Holds = false
	if r.Src.IsValid() {
		a.Seen += ", src " + r.Src.String()
	}
}

// sized turns down an answer whose route gives another MTU than is asked for.
func (e *routeProbe) sized(a *verb.Answer, r plan.Route) {
	for _, w := range e.Words {
		if w.MTU == nil || w.MTU.Int.Int() == r.MTU {
			continue
		}
		a.Holds = false
		if r.MTU == 0 {
			a.Seen += ", with the MTU of the interface"
		} else if !strings.Contains(a.Seen, " mtu ") {
			a.Seen += ", mtu " + strconv.Itoa(r.MTU)
		}
	}
}

// entry looks for a route to exactly a destination in the main table.
func (e *routeProbe) entry(a *verb.Answer, node string, routes []plan.Route) {
	hop, unreachable := e.want()
	dest := syntax.Dest(e.Dest)
	v6 := dest.Prefix().Addr().Is6() || hop.Via.Is6()
	dst := dest.Prefix()
	if dest.IsDefault() {
		dst = lab.Anywhere(v6)
	}
	var found *plan.Route
	for _, r := range routes {
		if r.Dst == dst && r.Table == 0 && (found == nil || r.KernelMetric() < found.KernelMetric()) {
			found = &r
		}
	}
	if found == nil {
		a.Holds = unreachable
		a.Seen = fmt.Sprintf("%s has no route to %s", node, e.Dest.Value)
		a.Fix = fmt.Sprintf("add one: route %s %s via GATEWAY", node, e.Dest.Value)
		return
	}
	a.Seen = node + " has " + found.String()
	refuses := found.Kind != plan.Unicast
	a.Holds = refuses == unreachable && (unreachable || lab.GoesOver(*found, hop))
	e.sourced(a, *found)
	e.sized(a, *found)
}

// packet asks the kernel.
func (e *routeProbe) packet(view *verb.Env, a *verb.Answer, node string, routes []plan.Route) {
	hop, unreachable := e.want()
	t, _ := lab.TargetOf(view, syntax.Target(e.Dest))
	addr, none := t.AddressFor(view, node)
	var zone string
	if none == nil {
		zone, none = t.ZoneFor(view, node)
	}
	if none != nil {
		a.Holds, a.Seen, a.Why, a.Fix = unreachable, none.Seen, none.Why, none.Fix
		return
	}
	if zone != "" {
		addr = addr.WithZone(zone)
	}
	r, err := view.RouteTo(node, plan.RouteQuery{Mark: e.mark(), Dst: addr})
	if err != nil {
		a.Holds, a.Seen = unreachable, refused(node, addr, err)
		if a.Why, a.Fix = why.NoRoute(view, node, t.Text, addr, err); a.Why == a.Seen {
			a.Why = ""
		}
		return
	}
	a.Seen = wayText(node, addr, r)
	if !unreachable {
		a.Holds = lab.GoesOver(allWays(r, addr, routes), hop)
		if !hop.Via.IsValid() && hop.Dev == "" {
			a.Holds = true
		}
		e.sourced(a, r)
		e.sized(a, r)
	}
}

// refused says what the kernel does with a packet that it does not send.
func refused(node string, to netip.Addr, err error) string {
	switch {
	case errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("%s answers for %s: host unreachable", node, to)
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("%s refuses packets to %s: prohibited", node, to)
	case errors.Is(err, syscall.EINVAL):
		return fmt.Sprintf("%s drops packets to %s: blackhole", node, to)
	case errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("%s has no route to %s", node, to)
	}
	return fmt.Sprintf("%s cannot send to %s: %v", node, to, err)
}

func wayText(node string, to netip.Addr, r plan.Route) string {
	switch {
	case r.Kind == "local":
		return fmt.Sprintf("%s is an address of %s itself", to, node)
	case len(r.Hops) == 0:
		return fmt.Sprintf("%s sends to %s", node, to)
	case r.Hops[0].Via.IsValid():
		return fmt.Sprintf("%s reaches %s via %s dev %s", node, to, r.Hops[0].Via, r.Hops[0].Dev)
	}
	return fmt.Sprintf("%s reaches %s directly, dev %s", node, to, r.Hops[0].Dev)
}

// allWays are the ways of the multipath route that the kernel's answer is one
// way of: which one it takes depends on the packet.
func allWays(answer plan.Route, to netip.Addr, routes []plan.Route) plan.Route {
	if len(answer.Hops) != 1 {
		return answer
	}
	for _, r := range routes {
		if len(r.Hops) > 1 && r.Dst.Contains(to) && r.Table == answer.Table && lab.GoesOver(r, answer.Hops[0]) {
			return r
		}
	}
	return answer
}
