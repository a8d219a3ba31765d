package stdlib

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Del is the statement del.
type Del struct {
	Addr    *DelAddr    `parser:"'del' ( @@"`
	Route   *DelRoute   `parser:"| @@"`
	NAT     *DelNAT     `parser:"| @@"`
	Publish *DelPublish `parser:"| @@"`
	Filter  *DelFilter  `parser:"| @@"`
	Rule    *DelRule    `parser:"| @@ )"`
}

// DelAddr is the statement del addr.
type DelAddr struct {
	At    syntax.Endpoint   `parser:"'addr' @@"`
	Addrs []syntax.HostAddr `parser:"@@+"`
}

// DelRoute is the statement del route.
type DelRoute struct {
	Node syntax.NodeRef `parser:"'route' @@"`
	Way  RouteWay       `parser:"@@"`
}

// DelRule is the statement del rule.
type DelRule struct {
	Node  syntax.NodeRef `parser:"'rule' @@"`
	Match RuleMatch      `parser:"@@"`
}

func delVerb() *verb.Verb {
	return verb.Define[Del](verb.Spec{
		Name:    "del",
		Group:   verb.Building,
		Summary: "take an address, a route, a rule, a nat, a published port or a filter away",
		Usage: []string{
			"del addr NODE[:IFACE] ADDR[/LEN]…",
			"del route NODE DEST [via GATEWAY] [dev IFACE] [metric N] [table T]",
			"del rule NODE [from SUBNET] [to SUBNET] [iif IFACE] [fwmark N] [table T] [priority N]",
			"del nat SUBNET [on NODE] [out IFACE]",
			"del publish [ADDRESS:]PORT [-> TARGET:PORT] [tcp|udp] [on NODE]",
			"del block|allow|reject [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [on NODE]",
		},
		Doc: `What is written has to be there. Of several routes to DEST the one with the lowest
metric goes, unless the other words say which; ` + "`default`" + ` is the IPv4 default route,
and the IPv6 one where there is no other. Of rules, all that match go.

With the last IPv4 address of an interface go, as always in Linux, the IPv4
routes that lead over it.

A ` + "`block`, `allow` or `reject`" + ` is named by the same words. With ` + "`nat` and `publish`" + ` go their rules, and the table ` + "`nsl`" + ` with the last of them;
forwarding and default routes stay.

To delete nodes, interfaces and bridges, see ` + "`delete`" + `.`,
		Examples: []verb.Example{
			{Note: "No address, no answer.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\ndel addr blue 192.168.15.2/24\nexpect not ping red -> 192.168.15.2\n"},
			{Note: "No route, no way out.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\nroute red default via 192.168.15.2\ndel route red default\nexpect route red -> 8.8.8.8 unreachable\n"},
			{Note: "A rule that is no longer asked.", Code: "ns red\nrule red to 10.0.0.0/8 table 100\nroute red blackhole 10.0.0.0/8 table 100\nroute red unreachable 10.0.0.0/8\ndel rule red to 10.0.0.0/8\nexpect route red -> 10.0.0.0/8 unreachable\n"},
			{Note: "No more masquerade: lan knows no way back to red.", Code: "ns red lan\nbridge v-net-0 <red> 192.168.15.0/24\nlink host <-> lan 192.168.1.0/24\nnat 192.168.15.0/24\nexpect ping red -> lan\ndel nat 192.168.15.0/24\nexpect not ping red -> lan\n"},
		},
	})
}

// Check finds words that exclude each other.
func (d *Del) Check() diag.List {
	switch {
	case d.Route != nil:
		return d.Route.Way.problems(d.Route.Way.read())
	case d.Rule != nil:
		return d.Rule.Match.read().list
	case d.NAT != nil:
		return d.NAT.Check()
	case d.Publish != nil:
		return publishClash("del publish", d.Publish.Opts)
	case d.Filter != nil:
		return d.Filter.Filter.problems("del " + d.Filter.Verb.Value)
	}
	return nil
}

// Plan takes it away.
func (d *Del) Plan(p *verb.Plan) {
	switch {
	case d.Addr != nil:
		d.Addr.plan(p)
	case d.Route != nil:
		d.Route.plan(p)
	case d.Rule != nil:
		d.Rule.plan(p)
	case d.NAT != nil:
		d.NAT.plan(p)
	case d.Publish != nil:
		d.Publish.plan(p)
	case d.Filter != nil:
		d.Filter.plan(p)
	}
}

func (d *DelAddr) plan(p *verb.Plan) {
	l, ok := p.Iface(d.At)
	if !ok {
		return
	}
	s, err := newSideEffects(p, l)
	if err != nil {
		p.Err(d.At.Span, err)
		return
	}
	var doomed []netip.Prefix
	var at []syntax.HostAddr
	for _, word := range d.Addrs {
		i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return word.Is(a) && !slices.Contains(doomed, a) })
		if i >= 0 {
			doomed, at = append(doomed, l.Addrs[i]), append(at, word)
		} else if !p.Uncertain() {
			p.Fail(noSuchAddr(word, plan.Place(l.Node, l.Name), l.Addrs))
		}
	}
	ops, _ := s.dels(doomed)
	for i, op := range ops {
		p.Do(at[i].Span, op)
	}
}

func noSuchAddr(word syntax.HostAddr, place string, have []netip.Prefix) *diag.Diagnostic {
	return diag.Errorf(diag.NotThere, word.Span, "%s does not have the address %s", place, word.Value).
		WithHelp("%s", listed("it has", texts(have), "it has no address"))
}

// listed is a line that tells what there is.
func listed(what string, items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	const most = 6
	if len(items) > most {
		items = append(slices.Clone(items[:most]), "…")
	}
	return what + " " + strings.Join(items, ", ")
}

func texts[T interface{ String() string }](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

func (d *DelRoute) plan(p *verb.Plan) {
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
			WithHelp("%s", listed("it has", texts(routes), "it has no route at all")))
	}
}

// before orders the routes that a statement may mean.
func (d *DelRoute) before(a, b plan.Route) bool {
	if a.Dst.Addr().Is6() != b.Dst.Addr().Is6() {
		return b.Dst.Addr().Is6()
	}
	return a.KernelMetric() < b.KernelMetric()
}

// means reports whether a route is one that the words describe.
func (w *RouteWay) means(r plan.Route) bool {
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
		want.Kind != plan.Unicast && r.Kind != want.Kind:
		return false
	}
	for _, h := range want.Hops {
		if !goesOver(r, h) {
			return false
		}
	}
	return true
}

// goesOver reports whether one of a route's ways is the one described.
func goesOver(r plan.Route, want plan.NextHop) bool {
	return slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool {
		return (!want.Via.IsValid() || h.Via == want.Via.WithZone("")) && (want.Dev == "" || h.Dev == want.Dev)
	})
}

func (d *DelRule) plan(p *verb.Plan) {
	node, ok := p.Node(d.Node)
	if !ok {
		return
	}
	have, err := p.Rules(node)
	if err != nil {
		p.Err(d.Node.Span, err)
		return
	}
	w := d.Match.read()
	found := false
	for _, rule := range have {
		if slices.ContainsFunc(w.rules(), func(mine plan.Rule) bool { return w.describes(mine, rule) }) {
			found = true
			p.Do(p.At, plan.DelRule{Node: node, Rule: rule})
		}
	}
	if !found && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.NotThere, w.at, "%s has no such rule", node).
			WithHelp("%s", listed("it has", texts(have), "it has only the kernel's own rules")))
	}
}
