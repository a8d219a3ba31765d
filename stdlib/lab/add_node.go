package lab

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// AddNode plans a new node with its loopback up; a name that is taken is reported.
func AddNode(p *verb.Plan, name syntax.NewName) {
	has := verb.Ask(p, name.Span, p.HasNode, name.Value)
	if has || !p.NewNode(name.Value) {
		p.Fail(diag.Errorf(diag.NameTaken, name.Span, "there is a node %q already", name.Value).
			WithHelp("choose another name, or delete the old one first: delete %s", name.Value))
		return
	}
	p.Do(name.Span, plan.AddNS{Name: name.Value}, plan.Baseline{Node: name.Value},
		plan.SetUp{Node: name.Value, Name: plan.Loopback})
}
