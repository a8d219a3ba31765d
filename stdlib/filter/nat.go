package filter

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// nat is the statement nat.
type nat struct {
	Pair   *natPair       `parser:"'nat' ( @@"`
	Subnet *syntax.Subnet `parser:"| @@ )"`
	Opts   []natOption    `parser:"@@*"`
}

// natOption is one option of nat.
type natOption struct {
	On  *syntax.NodeRef `parser:"  'on' @@"`
	Out *syntax.IfName  `parser:"| 'out' @@"`
	To  *syntax.Address `parser:"| 'to' @@"`
}

// NAT is the verb nat.
func NAT() *verb.Verb {
	return verb.Define[nat](verb.Spec{
		Name:     "nat",
		Spelling: natSpelling,
		Also:     []string{"masquerade", "snat", "pat"},
		Summary:  "let a subnet out through a node, under an address of that node (masquerade, SNAT, 1:1)",
		Usage:    []string{"nat SUBNET [to ADDRESS] [on NODE] [out IFACE]", "nat ADDRESS <-> ADDRESS [on NODE] [out IFACE]"},
		Doc: `Three things are needed for a private subnet to reach the outside, and this
statement does them all on NODE (the host, if none is named):

1. NODE forwards packets (` + "`forward`" + `).
2. Packets from SUBNET leave with the address of NODE, so that the answers come
   back to it: a masquerade rule in the nftables table ` + "`nsl`" + `.
3. Every node with an address in SUBNET that has no default route gets one via
   NODE, if NODE itself has an address in SUBNET on the same segment: cables and
   bridges count, not numbers, so another network with the same SUBNET is left alone. A NODE further on the way, such as
   a router at the edge, needs routes back to SUBNET: see ` + "`route`" + `.

` + "`out IFACE`" + ` masquerades only what leaves through that interface. IPv6 works the same way.

With ` + "`to ADDRESS`" + ` packets leave with that address instead of the one that NODE would take
(SNAT). ` + "`nat INSIDE <-> OUTSIDE`" + ` translates one address in both directions: what INSIDE
sends leaves as OUTSIDE, and what is sent to OUTSIDE goes to INSIDE. NODE needs these
addresses on its outer interface, or the outside a route to them via NODE.`,
		Examples: []verb.Example{
			{Note: "red and blue reach a host outside, which has no route back to them.", Code: `ns red blue lan
bridge v-net-0 <red blue> 192.168.15.0/24
link host <-> lan 192.168.1.0/24
expect not ping red -> lan
nat 192.168.15.0/24
expect ping red -> lan
`},
			{Note: "A server with an address of its own outside.", Code: `ns web isp
link host <-> web 10.0.0.0/24
link host:eth0 203.0.113.1/24 <-> isp 203.0.113.254/24
addr eth0 203.0.113.80/24
serve http web:80
nat 10.0.0.2 <-> 203.0.113.80 out eth0
nat 10.0.0.0/24 to 203.0.113.1 out eth0
expect http isp -> http://203.0.113.80/
expect ping web -> isp
`},
		},
	})
}

// Check finds options that are given twice.
func (n *nat) Check() diag.List {
	list := lab.GivenTwice("nat", n.Opts)
	for _, o := range n.Opts {
		if o.To == nil || o.To.Dynamic {
			continue
		}
		if n.Pair != nil {
			list.Add(diag.Errorf(diag.OptionClash, o.To.Span, "the address after <-> is what %s leaves with", n.Pair.Inside.Value).
				WithHelp("remove: to %s", o.To.Value))
			continue
		}
		list.Add(otherFamily(n.Subnet.Prefix().Addr(), n.Subnet.Value, *o.To))
	}
	if n.Pair != nil {
		list.Add(otherFamily(n.Pair.Inside.Addr(), n.Pair.Inside.Value, n.Pair.Outside))
	}
	return list
}

// otherFamily refuses an address that cannot take the place of one of the other family.
func otherFamily(from netip.Addr, text string, to syntax.Address) *diag.Diagnostic {
	a := to.Addr()
	if !from.IsValid() || !a.IsValid() || a.Is6() == from.Is6() {
		return nil
	}
	return diag.Errorf(diag.FamilyMismatch, to.Span, "%s is %s, but %s is %s", a, lab.Family(a.Is6()), text, lab.Family(from.Is6())).
		WithHelp("an address is translated into one of the same family only")
}

// Word is the option's name.
func (o natOption) Word() (string, syntax.Text) {
	switch {
	case o.Out != nil:
		return "out", o.Out.Text
	case o.To != nil:
		return "to", o.To.Text
	}
	return "on", o.On.Text
}

// Plan turns forwarding on, adds the rule, and the default routes.
func (n *nat) Plan(p *verb.Plan) {
	if n.Pair != nil {
		n.planPair(p)
		return
	}
	node, rule, ok := n.rule(p)
	if !ok {
		return
	}
	n.checkOut(p, node)
	n.checkTo(p, node)
	book, err := p.Book()
	p.Err(p.At, err)
	edit, ok := editNft(p, node)
	if !ok || p.Failed() {
		return
	}
	if slices.Contains(edit.state.Rules(), rule) {
		p.Fail(diag.Errorf(diag.NameTaken, n.Subnet.Span, "%s already has NAT on %s", rule.Src, node).
			WithHelp("one nat statement for a subnet is enough"))
	}
	lab.SetSysctl(p, p.At, node, lab.ForwardingKey(rule.Src.Addr().Is6()), "1")
	edit.add(p.At, rule, 0)
	n.defaultRoutes(p, book, node)
}

// rule is the rule that the statement makes, and its node.
func (n *nat) rule(p *verb.Plan) (node string, rule plan.NftRule, ok bool) {
	subnet := n.Subnet.Prefix()
	rule = plan.NftRule{Chain: plan.Postrouting, Src: subnet, Dst: subnet, NotDst: true,
		Counter: true, Verdict: "masquerade", Comment: "nat " + subnet.String()}
	for _, o := range n.Opts {
		if o.To != nil {
			rule.Verdict, rule.To = "snat", netip.AddrPortFrom(o.To.Addr(), 0)
			rule.Comment += " to " + o.To.Addr().String()
		}
	}
	node, rule.OIf, ok = n.place(p)
	return node, rule, ok
}

// place is the node, and the interface through which packets leave, or "".
func (n *nat) place(p *verb.Plan) (node, out string, ok bool) {
	node = plan.Host
	for _, o := range n.Opts {
		switch {
		case o.On != nil:
			name, ok := p.Node(*o.On)
			if !ok {
				return node, out, false
			}
			node = name
		case o.Out != nil:
			out = o.Out.Value
		}
	}
	return node, out, true
}

// checkTo warns of an address that is not the node's.
func (n *nat) checkTo(p *verb.Plan, node string) {
	for _, o := range n.Opts {
		if o.To != nil {
			p.Fail(notOwn(p, node, *o.To))
		}
	}
}

// notOwn warns of an address that no interface of the node has: nothing answers for it
// outside.
func notOwn(p *verb.Plan, node string, a syntax.Address) *diag.Diagnostic {
	own, err := lab.GlobalAddrs(p, node, "")
	p.Err(a.Span, err)
	if p.Uncertain() || slices.ContainsFunc(own, func(p netip.Prefix) bool { return p.Addr() == a.Addr() }) {
		return nil
	}
	return diag.New(diag.NotThere, diag.Warning, a.Span, "%s does not have the address %s", node, a.Addr()).
		WithHelp("answers to it have to find %s: give it the address (addr %s:IFACE %s), or its neighbours a route", node, node,
			netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
}

func (n *nat) checkOut(p *verb.Plan, node string) {
	for _, o := range n.Opts {
		if o.Out == nil {
			continue
		}
		r := plan.Ref{Node: node, Link: o.Out.Value}
		if !p.HasLinkNow(r) && !p.MayExist(r) {
			p.Fail(verb.UnknownLink(p, o.Out.Span, r))
		}
	}
}

// defaultRoutes gives every member of the subnet without a default route one
// via the node's address in the member's subnet, if it has one.
func (n *nat) defaultRoutes(p *verb.Plan, book *plan.Book, node string) {
	subnet := n.Subnet.Prefix()
	members, gateways := membersOf(book, subnet, node)
	if len(members) == 0 && !p.Uncertain() {
		p.Fail(diag.New(diag.NoAddress, diag.Warning, n.Subnet.Span, "no node has an address in %s yet", subnet).
			WithHelp("nodes made later get no default route; write nat after them"))
	}
	if len(gateways) == 0 {
		return // the members have their own router, and node is further on the way
	}
	done, snap := map[string]bool{}, path.Of(p)
	for _, m := range members {
		if done[m.Node] {
			continue
		}
		done[m.Node] = true
		if !lab.HasDefaultRoute(p, m.Node, subnet.Addr().Is6()) {
			p.Fail(defaultVia(p, snap, n.Subnet.Span, lab.OfNode(members, m.Node), gateways))
		}
	}
}

// membersOf are the addresses in a subnet: those of node, and those of the others.
func membersOf(book *plan.Book, subnet netip.Prefix, node string) (members, gateways []plan.AddrUse) {
	for _, u := range book.All() {
		switch {
		case !subnet.Contains(u.Addr.Addr()):
		case u.Node == node:
			gateways = append(gateways, u)
		default:
			members = append(members, u)
		}
	}
	return members, gateways
}

// defaultVia gives a node a default route over the first of its own addresses
// whose subnet and segment hold a gateway and whose interface is up, for the kernel takes
// no route over one that is down (fib_check_nh, net/ipv4/fib_semantics.c). The
// finding says what was down when nothing else was in the way.
func defaultVia(p *verb.Plan, snap *path.Snapshot, at source.Span, own, gateways []plan.AddrUse) (down *diag.Diagnostic) {
	for _, m := range own {
		i := slices.IndexFunc(gateways, func(gw plan.AddrUse) bool { return lab.Reaches(snap, m, gw) })
		if i < 0 {
			continue
		}
		via := gateways[i].Addr.Addr()
		l, err := p.Link(m.Node, m.Link)
		p.Err(p.At, err)
		if l.Up {
			p.Do(p.At, plan.AddRoute{Node: m.Node, Route: plan.Route{
				Dst: lab.Anywhere(via.Is6()), Hops: []plan.NextHop{{Via: via, Dev: m.Link}}}})
			return nil
		}
		if down == nil {
			down = leftOut(at, m, via)
		}
	}
	return down
}

func leftOut(at source.Span, m plan.AddrUse, via netip.Addr) *diag.Diagnostic {
	return diag.New(diag.BadGateway, diag.Warning, at,
		"%s gets no default route: its interface %s is down", m.Node, m.Link).
		WithHelp("up %s, then: route %s default via %s", m.Node, m.Node, via)
}
