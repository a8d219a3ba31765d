package routes

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// delRule is the statement del rule.
type delRule struct {
	Node  syntax.NodeRef `parser:"'del' 'rule' @@"`
	Match ruleMatch      `parser:"@@"`
}

// DelRule is the form del rule.
func DelRule() verb.Form {
	return verb.Form{
		Grammar: (*delRule)(nil),
		Usage:   "del rule NODE [from SUBNET] [to SUBNET] [iif IFACE] [fwmark N] … [table T] [priority N]",
		Doc:     "Of rules, all that match go.",
		Examples: []verb.Example{
			{Note: "A rule that no longer applies.", Code: "ns red\nrule red to 10.0.0.0/8 table 100\nroute red blackhole 10.0.0.0/8 table 100\nroute red unreachable 10.0.0.0/8\ndel rule red to 10.0.0.0/8\nexpect route red -> 10.0.0.0/8 unreachable\n"},
		},
	}
}

// Check finds parts that are given twice.
func (d *delRule) Check() diag.List { return d.Match.read().list }

// Plan deletes all rules that the words describe.
func (d *delRule) Plan(p *verb.Plan) {
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
			WithHelp("%s", lab.Listed("it has", lab.Texts(have), "it has only the kernel's own rules")))
	}
}
