package verb

import (
	"nsl/lang/source"
	"nsl/runtime/plan"
)

// Ops are what a statement that changes the lab would do there, as it is typed; ok is
// false where it is wrong, or wrong in this lab, or changes nothing by ops.
func (t *Table) Ops(lab Lab, statement string) (ops []plan.Op, ok bool) {
	tree := t.Split((&source.Set{}).Add("", statement))
	if len(tree.Statements) != 1 || tree.Diags.HasErrors() {
		return nil, false
	}
	parsed, list := t.Parse(tree.Statements[0])
	node, plans := parsed.Node.(Planner)
	if list.HasErrors() || !plans {
		return nil, false
	}
	p := NewPlan(lab, parsed.Span)
	node.Plan(p)
	steps, list := p.Result()
	for _, s := range steps {
		ops = append(ops, s.Op)
	}
	return ops, !list.HasErrors()
}
