package links

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// link is the statement link.
type link struct {
	A    linkEnd      `parser:"'link' @@ '<->'"`
	B    linkEnd      `parser:"@@"`
	Opts []linkOption `parser:"@@*"`
}

// linkEnd is a node or node:interface, and the addresses it is to have.
type linkEnd struct {
	At    syntax.Endpoint       `parser:"@@"`
	Addrs []syntax.AddrOrSubnet `parser:"@@*"`
}

// linkOption is one option of link.
type linkOption struct {
	MTU    *syntax.MTU     `parser:"  'mtu' @@"`
	MAC    []syntax.MAC    `parser:"| 'mac' @@+"`
	NoAddr *syntax.Keyword `parser:"| (?= 'noaddr') @@"`
	Side   *syntax.Side    `parser:"| @@"`
	Like   *syntax.Preset  `parser:"| 'like' @@"`
	Shape  *shapeOption    `parser:"| @@"`
}

// Link is the verb link.
func Link() *verb.Verb {
	return verb.Define[link](verb.Spec{
		Name:     "link",
		Spelling: linkSpelling,
		Also:     []string{"connect", "cable", "wire", "patch"},
		Summary:  "connect two nodes with a cable (a veth pair), both ends up",
		Usage: []string{
			"link A <-> B [SUBNET|auto] [mtu N] [mac M [M]] [noaddr]",
			"link A[:IFACE] ADDR/LEN <-> B[:IFACE] ADDR/LEN",
			"link A <-> B … [delay D] [loss P] [rate R] … [A: delay D …] [B: …]",
		},
		Doc: `Each end is a node, or ` + "`node:iface`" + ` to name its interface; without a name the
end in red is called ` + "`veth-red`" + `.

With no address given, the two ends take .1 and .2 of the next free subnet of
the lab: 192.168.15.0/24, then 192.168.16.0/24, …. A subnet after the second
end numbers both ends from it. An address after an end is that end's own; the
other then takes the next one of the same subnet. ` + "`noaddr`" + ` leaves both without;
` + "`auto`" + ` is the same as no address given, for functions that pass a subnet on.

` + "`mac`" + ` sets the address of the first end, and of the second if there are two.

The options of ` + "`shape`" + ` (delay, jitter, loss, rate, like …) hold for both directions;
after ` + "`A:`" + ` those of what A sends, after ` + "`B:`" + ` those of what B sends.`,
		Examples: []verb.Example{
			{Note: "Four lines are a working network.", Code: "ns red\nns blue\nlink red<->blue\nexpect ping red -> blue\n"},
			{Note: "Everything chosen by hand.", Code: "ns red blue\nlink red:eth1 10.0.0.1/30 <-> blue:eth1 10.0.0.2/30 mtu 1400\nexpect ping red -> 10.0.0.2\n"},
			{Note: "A slow line: 1 Mbit/s one way, 10 the other.", Code: "ns home isp\nlink home <-> isp home: rate 1mbit isp: rate 10mbit\nexpect rate home -> isp < 2mbit\nexpect rate isp -> home > 2mbit < 20mbit\n"},
			{Note: "IPv6, from a subnet.", Code: "ns red blue\nlink red <-> blue fd00:1::/64\nexpect ping red -> fd00:1::2\n"},
		},
	})
}

// Check finds options that exclude each other.
func (l *link) Check() diag.List {
	list := append(lab.Repeated("link", l.Opts, "like"), l.A.problems()...)
	list = append(list, l.shapeProblems()...)
	list.Add(l.ownAddrs())
	if !l.subnetsOnly() {
		list.Add(l.B.problems()...)
	}
	for _, o := range l.Opts {
		list.Add(thirdMAC(o.MAC))
		if o.NoAddr != nil && len(prefixes(l.B.Addrs)) > 0 {
			list.Add(diag.Errorf(diag.OptionClash, o.NoAddr.Span, "noaddr and an address exclude each other").
				WithHelp("remove one of them"))
		}
	}
	return list
}

// linkSpelling answers interfaces after their nodes as words of their own: link red eth0 blue eth0.
func linkSpelling(tokens []syntax.Token) *diag.Diagnostic {
	words := slices.DeleteFunc(slices.Clone(tokens[1:]), func(t syntax.Token) bool { return t.Kind == syntax.Arrow || t.Is("to") })
	if len(words) != 4 || slices.ContainsFunc(words, func(t syntax.Token) bool {
		return t.Kind != syntax.Word || t.Dynamic || strings.ContainsAny(t.Text, ":/=")
	}) {
		return nil
	}
	text := "link " + words[0].Text + ":" + words[1].Text + " <-> " + words[2].Text + ":" + words[3].Text
	return diag.UnexpectedWord(words[1].Span, "link", words[1].Text).WithHelp("did you mean: %s", text).
		WithFix(tokens[0].Span.To(tokens[len(tokens)-1].Span), "", text)
}

// ownAddrs warns of an address for each end that both come after the second one.
func (l *link) ownAddrs() *diag.Diagnostic {
	b := prefixes(l.B.Addrs)
	if len(l.A.Addrs) > 0 || len(b) != 2 || b[0].Masked() != b[1].Masked() || b[0] == b[0].Masked() {
		return nil
	}
	return diag.New(diag.OptionClash, diag.Warning, l.B.Addrs[0].Span, "both addresses are those of %s", l.B.At.Value).
		WithHelp("for one at each end: link %s %s <-> %s %s", l.A.At.Value, b[0], l.B.At.Value, b[1])
}

// thirdMAC refuses more hardware addresses than a cable has ends.
func thirdMAC(macs []syntax.MAC) *diag.Diagnostic {
	if len(macs) <= 2 {
		return nil
	}
	return diag.Errorf(diag.OptionClash, macs[2].Span, "a cable has two ends; this is a third MAC address")
}

// problems are those of addresses that are this end's own.
func (e *linkEnd) problems() diag.List {
	var list diag.List
	for _, a := range e.Addrs {
		switch {
		case a.Dynamic:
		case a.IsAuto():
			list.Add(diag.Errorf(diag.OptionClash, a.Span, "auto numbers both ends, so neither may have an address").
				WithHelp("write it alone, after the second end: link red <-> blue auto"))
		default:
			list.Add(syntax.IfAddr{Text: a.Text}.Problem())
		}
	}
	return list
}

// subnetsOnly reports whether all that follows B are subnets for both ends.
func (l *link) subnetsOnly() bool {
	if len(l.A.Addrs) > 0 {
		return false
	}
	if len(l.B.Addrs) == 1 && l.B.Addrs[0].IsAuto() {
		return true
	}
	for _, b := range l.B.Addrs {
		if b.IsAuto() {
			return false
		}
		if p := b.Prefix(); p != p.Masked() || b.Dynamic {
			return false
		}
	}
	return true
}

// Plan makes the pair, numbers it and sets it up.
func (l *link) Plan(p *verb.Plan) {
	a, okA := newEnd(p, l.A.At, "")
	b, okB := newEnd(p, l.B.At, "")
	if !okA || !okB {
		return
	}
	seg := &segment{p: p, at: p.At, members: []*lab.Port{a, b}}
	veth := plan.AddVeth{A: plan.LinkEnd{Node: a.Node, Name: a.Link}, B: plan.LinkEnd{Node: b.Node, Name: b.Link}}
	for _, o := range l.Opts {
		o.apply(&veth, seg)
	}
	var subnets []netip.Prefix
	if l.subnetsOnly() {
		subnets = prefixes(l.B.Addrs)
	} else {
		a.Addrs, b.Addrs = prefixes(l.A.Addrs), prefixes(l.B.Addrs)
	}
	seg.number(subnets)
	for _, o := range l.Opts {
		if o.MTU != nil {
			seg.fits(o.MTU.Int.Int(), o.MTU.Span)
		}
	}
	warnApart(p, l.B.At.Span, a.Addrs, b.Addrs)
	p.Do(p.At, veth)
	p.Do(l.A.At.Span, a.Ops()...)
	p.Do(l.B.At.Span, b.Ops()...)
	p.Do(p.At, l.shapes(a.Ref, b.Ref)...)
	p.Do(p.At, a.Up(), b.Up())
}

func (o linkOption) apply(v *plan.AddVeth, seg *segment) {
	switch {
	case o.MTU != nil:
		v.A.MTU, v.B.MTU = o.MTU.Int.Int(), o.MTU.Int.Int()
	case len(o.MAC) > 0:
		v.A.MAC = o.MAC[0].Canonical()
		if len(o.MAC) > 1 {
			v.B.MAC = o.MAC[1].Canonical()
		}
	case o.NoAddr != nil:
		seg.noaddr = true
	}
}

func prefixes(list []syntax.AddrOrSubnet) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range list {
		if !a.IsAuto() {
			out = append(out, a.Prefix())
		}
	}
	return out
}

// newEnd names a new interface on the node that e says, and reserves the name.
func newEnd(p *verb.Plan, e syntax.Endpoint, suffix string) (*lab.Port, bool) {
	node, link := e.Split()
	t := e.Text
	t.Value = node
	if _, ok := p.Node(syntax.NodeRef{Text: t}); !ok {
		return nil, false
	}
	if link == "" {
		link = lab.CableName(p, node, node, suffix)
	} else if !reserve(p, e.Span, plan.Ref{Node: node, Link: link}) {
		return nil, false
	}
	return &lab.Port{Ref: plan.Ref{Node: node, Link: link}, At: e.Span}, true
}

// reserve takes an interface name that the script chose, or reports that it is taken.
func reserve(p *verb.Plan, at source.Span, r plan.Ref) bool {
	if r.Link == "all" || r.Link == "default" { // sysctl_dev_name_is_allowed, net/ipv4/devinet.c
		p.Fail(diag.Errorf(diag.BadName, at, "%q cannot be the name of an interface: its settings would be those of all of them", r.Link).
			WithHelp("choose another name"))
		return false
	}
	if p.HasLinkNow(r) {
		p.Fail(diag.LinkTaken(at, r.Node, r.Link).
			WithHelp("choose another name, or delete the old one first: delete %s", r))
		return false
	}
	p.Reserve(r)
	return true
}

// warnApart warns when two ends have explicit addresses but share no subnet.
func warnApart(p *verb.Plan, at source.Span, a, b []netip.Prefix) {
	for _, v6 := range []bool{false, true} {
		x, y := lab.OfFamily(a, v6), lab.OfFamily(b, v6)
		if len(x) > 0 && len(y) > 0 && !shareSubnet(x, y) {
			p.Fail(diag.New(diag.SubnetsApart, diag.Warning, at, "%s and %s are in different subnets", x[0], y[0]).
				WithHelp("the two ends do not reach each other without a route; compare the addresses digit by digit"))
		}
	}
}

func shareSubnet(x, y []netip.Prefix) bool {
	return slices.ContainsFunc(x, func(a netip.Prefix) bool {
		return slices.ContainsFunc(y, func(b netip.Prefix) bool { return plan.SameSubnet(a, b) })
	})
}
