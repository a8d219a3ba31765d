package stdlib

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// NS is the statement ns.
type NS struct {
	Names []syntax.NewName `parser:"'ns' (@@ | '<' @@* '>')+"`
}

func nsVerb() *verb.Verb {
	return verb.Define[NS](verb.Spec{
		Name:    "ns",
		Group:   verb.Building,
		Summary: "make nodes: network namespaces with their loopback up",
		Usage:   []string{"ns NAME…"},
		Doc: `A node is a network namespace: interfaces, addresses, routes, firewall rules
and sockets of its own. A new one can reach nothing but itself, until a
` + "`link` or a `bridge`" + ` connects it.

Every node starts with the same kernel settings, whatever the machine's own
are: no forwarding, no reverse-path filter, no rate limit on ICMP errors.

The node ` + "`host`" + ` is there from the start: it is the lab's own root namespace.`,
		Examples: []verb.Example{
			{Note: "Two nodes that cannot reach each other.", Code: "ns red blue\nexpect not ping red -> blue\n"},
		},
	})
}

// Plan makes the namespaces.
func (n *NS) Plan(p *verb.Plan) {
	for _, name := range n.Names {
		has, err := p.HasNode(name.Value)
		p.Err(name.Span, err)
		if has || !p.NewNode(name.Value) {
			p.Fail(diag.Errorf(diag.NameTaken, name.Span, "there is a node %q already", name.Value).
				WithHelp("choose another name, or delete the old one first: delete %s", name.Value))
			continue
		}
		p.Do(name.Span, plan.AddNS{Name: name.Value}, plan.Baseline{Node: name.Value},
			plan.SetUp{Node: name.Value, Name: plan.Loopback})
	}
}
