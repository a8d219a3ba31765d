package eval

import (
	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// Untestable reports the ops that cannot stand in a test block, for what a
// test changes is undone when it ends.
func Untestable(steps []plan.Step) diag.List {
	var list diag.List
	for _, step := range steps {
		if o, ok := step.Op.(plan.DelNS); ok {
			list.Add(diag.Errorf(diag.NotInTest, step.Span, "%s cannot be deleted inside a test", o.Name).
				WithHelp("what a test changes is undone when it ends, and a deleted namespace cannot be given back\n"+
					"take its cables away instead, or delete it outside the test: down %s", o.Name))
		}
	}
	return list
}
