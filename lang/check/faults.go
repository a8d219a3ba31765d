package check

import (
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// touch notes the last statement that made an interface, or changed its addresses, bridge or MTU.
func (c *planner) touch(step plan.Step) {
	var refs []plan.Ref
	switch op := step.Op.(type) {
	case plan.AddAddr:
		refs = append(refs, plan.Ref{Node: op.Node, Link: op.Link})
	case plan.SetMaster:
		refs = append(refs, plan.Ref{Node: op.Node, Link: op.Name})
	case plan.SetMTU:
		refs = append(refs, plan.Ref{Node: op.Node, Link: op.Name})
	default:
		for _, l := range step.Op.Effect().Links {
			refs = append(refs, l.Ref())
		}
	}
	for _, r := range refs {
		c.touched[r] = step.Span
	}
}

// faults are the warnings about the lab as the script leaves it, unless it is not known
// or the script is wrong anyway.
func (c *planner) faults(table *verb.Table) {
	if table.Faults == nil || c.lab.Uncertain() || c.list.HasErrors() {
		return
	}
	list, err := table.Faults(c.world)
	if err != nil {
		return
	}
	for _, f := range list {
		at := source.Span{}
		for _, r := range f.At {
			if s := c.touched[r]; s.Start >= at.Start {
				at = s
			}
		}
		if at != (source.Span{}) {
			f.Warning.Subject = at
			c.list = append(c.list, f.Warning)
		}
	}
}
