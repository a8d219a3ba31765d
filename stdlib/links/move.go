package links

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// move is the statement move.
type move struct {
	Iface syntax.Endpoint `parser:"'move' @@ '->'"`
	To    syntax.NodeRef  `parser:"@@"`
}

// Move is the verb move.
func Move() *verb.Verb {
	return verb.Define[move](verb.Spec{
		Name:    "move",
		Summary: "move an interface to another node",
		Usage:   []string{"move IFACE -> NODE", "move NODE:IFACE -> host"},
		Doc: `What ` + "`ip link set IFACE netns NODE`" + ` does. The other end of a cable stays where it is:
so a cable can lead from one node to another.

In its new node an interface starts afresh: the kernel removes its addresses, the
routes over it and its bridge, and sets it down. Its MTU and its hardware address
stay. A name that is taken there is refused; ` + "`rename`" + ` first. Loopbacks and bridges
stay in their node.`,
		Examples: []verb.Example{
			{Note: "One end stays on the host.", Code: "ns red\nveth veth-red <-> host0\nmove veth-red -> red\naddr red 10.0.0.1/24\naddr host0 10.0.0.2/24\nup red host0\nexpect ping red -> 10.0.0.2\n"},
			{Note: "Unplugged from one room, plugged into another.", Code: "ns red blue green\nlink red <-> blue noaddr\naddr red 10.0.0.1/24\nmove blue:veth-blue -> green\nexpect not link blue:veth-blue\nexpect link green:veth-blue down\naddr green 10.0.0.3/24\nup green\nexpect ping red -> 10.0.0.3\n"},
		},
	})
}

// Plan moves it, and says what it loses.
func (m *move) Plan(p *verb.Plan) {
	l, ok := p.Iface(m.Iface)
	to, okToo := p.Node(m.To)
	if !ok || !okToo {
		return
	}
	from := l.Ref()
	switch there := (plan.Ref{Node: to, Link: l.Name}); {
	case p.Uncertain():
	case l.Name == plan.Loopback:
		p.Fail(diag.Errorf(diag.FixedLink, m.Iface.Span, "every node has a loopback of its own, which stays in it").
			WithHelp("to connect %s with %s: link %s <-> %s", l.Node, to, l.Node, to))
	case l.Kind == "bridge" || l.Kind == plan.Bond:
		p.Fail(diag.Errorf(diag.FixedLink, m.Iface.Span, "%s is a %s, and the kernel does not move %ss", from, l.Kind, l.Kind).
			WithHelp("make it there from the start: %s %s:%s, and connect the two nodes with a link", l.Kind, to, l.Name))
	case l.Node == to:
		p.Fail(diag.Errorf(diag.NameTaken, m.To.Span, "%s is in %s already", l.Name, to))
	case p.HasLinkNow(there):
		p.Fail(diag.LinkTaken(m.To.Span, to, l.Name).
			WithHelp("give one of them another name first: rename %s -> %s", from, freeName(p, l, to)))
	}
	if p.Failed() {
		return
	}
	m.warn(p, l, to)
	p.Do(p.At, plan.MoveLink{Node: l.Node, Name: l.Name, To: to, Was: m.back(p, l)})
}

// back gives the interface back what it loses, and the vxlans that send over
// it: the kernel deletes those.
func (m *move) back(p *verb.Plan, l plan.Link) []plan.Op {
	state, routes := restoreOps(p, l)
	ops := slices.Concat(state, routes)
	uppers := verb.Ask(p, p.At, p.Uppers, l.Ref())
	for _, u := range uppers {
		if u.Kind == plan.VXLAN {
			ops = append(ops, recreateOps(p, u, map[plan.Ref]bool{})...)
		}
	}
	return ops
}

// freeName is a name that neither node has an interface of.
func freeName(p *verb.Plan, l plan.Link, to string) string {
	for _, suffix := range []string{"-2", "-3", "-4", "-5"} {
		name := lab.FitName("", l.Name, suffix)
		if !p.HasLinkNow(plan.Ref{Node: to, Link: name}) && !p.HasLinkNow(plan.Ref{Node: l.Node, Link: name}) {
			return name
		}
	}
	return "NAME"
}

// warn says what the interface loses.
func (m *move) warn(p *verb.Plan, l plan.Link, to string) {
	var loses, again []string
	addrs := lab.ShownAddrs(l)
	if len(addrs) == 0 && l.Upper() == "" && l.Shape == (plan.Shape{}) {
		return // that it is down afterwards is all that a fresh one notices
	}
	there := plan.Place(to, l.Name)
	if len(addrs) > 0 {
		loses = append(loses, "its address "+strings.Join(addrs, " "))
		again = append(again, "addr "+there+" "+strings.Join(addrs, " "))
	}
	if l.Upper() != "" {
		loses = append(loses, "its place on "+l.Upper())
	}
	if l.Shape != (plan.Shape{}) {
		loses = append(loses, "its "+l.Shape.String())
		again = append(again, "shape "+there+" "+l.Shape.String())
	}
	if l.Up {
		loses = append(loses, "its state up")
		again = append(again, "up "+there)
	}
	d := diag.New(diag.LinkLoses, diag.Warning, m.Iface.Span, "moving %s takes away %s", l.Ref(), strings.Join(loses, ", "))
	if len(again) > 0 {
		d = d.WithHelp("an interface starts afresh in another node; then: %s", strings.Join(again, ", "))
	}
	p.Fail(d)
}
