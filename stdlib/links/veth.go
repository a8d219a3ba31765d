package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// veth is the statement veth.
type veth struct {
	A    syntax.Endpoint `parser:"'veth' @@ '<->'"`
	B    syntax.Endpoint `parser:"@@"`
	Opts []vethOption    `parser:"@@*"`
}

// vethOption is one option of veth.
type vethOption struct {
	MTU *syntax.MTU  `parser:"  'mtu' @@"`
	MAC []syntax.MAC `parser:"| 'mac' @@+"`
}

// Veth is the verb veth.
func Veth() *verb.Verb {
	return verb.Define[veth](verb.Spec{
		Name:    "veth",
		Summary: "make the two ends of a cable, down and without addresses",
		Usage:   []string{"veth IFACE <-> IFACE [mtu N] [mac M [M]]"},
		Doc: `An end is ` + "`iface`" + ` on the host, or ` + "`node:iface`" + `. It is the cable alone, as
` + "`ip link add A type veth peer name B`" + ` makes it: to be of use its ends are moved to
their nodes, get addresses and are set up, each with a statement of its own.
` + "`link`" + ` does all that at once.`,
		Examples: []verb.Example{
			{Note: "Two rooms and a cable, one step at a time.", Code: `ns red blue
veth veth-red <-> veth-blue
move veth-red -> red
move veth-blue -> blue
addr red:veth-red 192.168.15.1/24
addr blue:veth-blue 192.168.15.2/24
expect not ping red -> 192.168.15.2
up red:veth-red blue:veth-blue
expect ping red -> 192.168.15.2
`},
			{Note: "The ends where they belong from the start.", Code: "ns red\nveth red:eth0 <-> host0 mtu 1400\nexpect link red:eth0 down mtu 1400\nexpect link host0 down\n"},
		},
	})
}

// Check finds a third address.
func (v *veth) Check() diag.List {
	list := lab.Repeated("veth", v.Opts)
	for _, o := range v.Opts {
		list.Add(thirdMAC(o.MAC))
	}
	return list
}

// Plan makes the pair.
func (v *veth) Plan(p *verb.Plan) {
	if !v.notNodes(p) {
		return
	}
	if v.A.Value == v.B.Value {
		p.Fail(diag.Errorf(diag.SameEnd, v.B.Span, "both ends are called %s", v.B.Value).WithHelp("a cable has two ends, each with a name of its own"))
		return
	}
	a, okA := newName(p, v.A)
	b, okB := newName(p, v.B)
	if !okA || !okB {
		return
	}
	op := plan.AddVeth{A: plan.LinkEnd{Node: a.Node, Name: a.Link}, B: plan.LinkEnd{Node: b.Node, Name: b.Link}}
	for _, o := range v.Opts {
		linkOption{MTU: o.MTU, MAC: o.MAC}.apply(&op, nil)
	}
	p.Do(p.At, op)
}

// notNodes refuses nodes in the places of interfaces: link is meant then.
func (v *veth) notNodes(p *verb.Plan) bool {
	for _, e := range []syntax.Endpoint{v.A, v.B} {
		has, err := p.HasNode(e.Value)
		if e.HasLink() || err != nil || !has {
			continue
		}
		p.Fail(diag.Errorf(diag.WantsLink, e.Span, "%s is a node; veth needs the name of an interface", e.Value).
			WithHelp("name it: %s:%s\nor use link, which also moves, numbers and sets them up: link %s <-> %s", e.Value, lab.FitName("veth-", e.Value, ""), v.A.Value, v.B.Value))
		return false
	}
	return true
}
