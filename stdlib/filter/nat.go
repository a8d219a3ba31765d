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
	Subnet syntax.Subnet `parser:"'nat' @@"`
	Opts   []natOption   `parser:"@@*"`
}

// natOption is one option of nat.
type natOption struct {
	On  *syntax.NodeRef `parser:"  'on' @@"`
	Out *syntax.IfName  `parser:"| 'out' @@"`
}

// NAT is the verb nat.
func NAT() *verb.Verb {
	return verb.Define[nat](verb.Spec{
		Name:    "nat",
		Summary: "let a subnet out through a node, under that node's own address (masquerade)",
		Usage:   []string{"nat SUBNET [on NODE] [out IFACE]"},
		Doc: `Three things are needed for a private subnet to reach the outside, and this
statement does them all on NODE (the host, if none is named):

1. NODE forwards packets (` + "`forward`" + `).
2. Packets from SUBNET leave with the address of NODE, so that the answers come
   back to it: a masquerade rule in the nftables table ` + "`nsl`" + `.
3. Every node with an address in SUBNET that has no default route gets one via
   NODE, if NODE itself has an address in SUBNET on the same segment: cables and
   bridges count, not numbers, so another network with the same SUBNET is left alone. A NODE further on the way, such as
   a router at the edge, needs routes back to SUBNET: see ` + "`route`" + `.

` + "`out IFACE`" + ` masquerades only what leaves through that interface. IPv6 works the same way.`,
		Examples: []verb.Example{
			{Note: "red and blue reach a host outside, which has no route back to them.", Code: `ns red blue lan
bridge v-net-0 <red blue> 192.168.15.0/24
link host <-> lan 192.168.1.0/24
expect not ping red -> lan
nat 192.168.15.0/24
expect ping red -> lan
`},
		},
	})
}

// Check finds options that are given twice.
func (n *nat) Check() diag.List { return lab.GivenTwice("nat", n.Opts) }

// Word is the option's name.
func (o natOption) Word() (string, syntax.Text) {
	if o.Out != nil {
		return "out", o.Out.Text
	}
	return "on", o.On.Text
}

// Plan turns forwarding on, adds the rule, and the default routes.
func (n *nat) Plan(p *verb.Plan) {
	node, rule, ok := n.rule(p)
	if !ok {
		return
	}
	n.checkOut(p, node)
	book, err := p.Book()
	p.Err(p.At, err)
	edit, ok := editNft(p, node)
	if !ok || p.Failed() {
		return
	}
	if slices.Contains(edit.state.Rules, rule) {
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
	node, rule = plan.Host, plan.NftRule{Chain: plan.Postrouting, Src: subnet, Dst: subnet, NotDst: true,
		Counter: true, Verdict: "masquerade", Comment: "nat " + subnet.String()}
	for _, o := range n.Opts {
		switch {
		case o.On != nil:
			name, ok := p.Node(*o.On)
			if !ok {
				return node, rule, false
			}
			node = name
		case o.Out != nil:
			rule.OIf = o.Out.Value
		}
	}
	return node, rule, true
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
