package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// vrf is the statement vrf.
type vrf struct {
	At      syntax.Endpoint `parser:"'vrf' @@"`
	Members []syntax.IfName `parser:"('<' @@* '>')?"`
	Table   syntax.Table    `parser:"'table' @@"`
	Opts    []newLinkOption `parser:"@@*"`
}

// VRF is the verb vrf.
func VRF() *verb.Verb {
	return verb.Define[vrf](verb.Spec{
		Name:    plan.VRF,
		Summary: "make a VRF: a router of its own, with some interfaces of a node and a routing table",
		Usage:   []string{"vrf NODE:NAME <IFACE…> table N [ADDR/LEN…] [mac M]", "vrf NODE:NAME table N"},
		Doc: `A VRF (virtual routing and forwarding) has interfaces of a node as its members. What comes in
by one of them is routed by the table of the VRF, where the members have their subnets, and not
by the usual one: so two customers of one router may use the same addresses. More members come
with ` + "`attach NODE:IFACE -> NODE:NAME`" + `, and leave with ` + "`detach`" + `.

An interface that becomes a member keeps its addresses; the routes over it move into the table.
Other routes are added with ` + "`route … table N`" + `. What the table has no route for is looked up in the
usual table; ` + "`route NODE default unreachable table N`" + ` prevents that.

A probe from the node itself looks into the usual table, unless it names the VRF: ` + "`ping … from NAME`" + `.

The kernel needs its module ` + "`vrf`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "Two customers with the same addresses on one router.", Needs: "vrf", Code: `ns r a1 a2 b1
link r:a1 10.1.0.254/24 <-> a1:eth0 10.1.0.1/24
link r:a2 10.2.0.254/24 <-> a2:eth0 10.2.0.1/24
vrf r:red <a1 a2> table 10
vrf r:blue table 20
link r:b1 <-> b1:eth0 noaddr
attach r:b1 -> r:blue
addr r:b1 10.1.0.254/24
addr b1 10.1.0.1/24
route <a1 b1> default via 10.1.0.254
route a2 default via 10.2.0.254
forward r
expect ping a1 -> a2
expect not ping b1 -> a2
expect ping r -> 10.1.0.1 from blue
`},
		},
	})
}

// Check refuses the usual table, and members that are named twice.
func (v *vrf) Check() diag.List {
	list := namedTwice(v.Members)
	if n := v.Table.Number(); !v.Table.Dynamic && (n == plan.MainTable || n == defaultTable) {
		list.Add(diag.Errorf(diag.BadNumber, v.Table.Span, "table %s is one that packets of no VRF use", v.Table.Value).
			WithHelp("give the VRF a table of its own, as 10"))
	}
	for _, o := range v.Opts {
		if o.MTU != nil {
			list.Add(diag.Errorf(diag.OptionClash, o.MTU.Span, "a VRF sends nothing itself, and has no MTU of its own").
				WithHelp("set that of its members: mtu NODE:IFACE N"))
		}
	}
	return list
}

// defaultTable is the kernel's third table (RT_TABLE_DEFAULT, <linux/rtnetlink.h>).
const defaultTable = 253

// Plan makes it, and its members those.
func (v *vrf) Plan(p *verb.Plan) {
	n, ok := newLink(p, v.At, plan.VRF)
	if !ok {
		return
	}
	n.op.Table = v.Table.Number()
	tableTaken(p, v.Table, n.op)
	made := plan.Link{Node: n.op.Node, Name: n.op.Name, Kind: plan.VRF, LinkOptions: n.op.LinkOptions}
	members := newMembers(p, made, v.Members, cannotJoin)
	n.apply(v.Opts...)
	if p.Failed() {
		return
	}
	n.emit()
	for _, l := range members {
		p.Do(p.At, moveToVRF(p, l, made)...)
	}
}

// tableTaken refuses the table of another VRF of the node.
func tableTaken(p *verb.Plan, at syntax.Table, o plan.AddLink) {
	for _, l := range verb.Ask(p, at.Span, p.Links, o.Node) {
		if l.Kind == plan.VRF && l.Table == o.Table {
			p.Fail(diag.Errorf(diag.NameTaken, at.Span, "table %d is that of the VRF %s already", l.Table, l.Ref()).
				WithHelp("choose another number, or add members to that one: attach NODE:IFACE -> %s", l.Ref()))
		}
	}
}
