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
		if node := step.Op.Effect().GoneNode(); node != "" {
			list.Add(diag.Errorf(diag.NotInTest, step.Span, "%s cannot be deleted inside a test", node).
				WithHelp("what a test changes is undone when it ends, and a deleted namespace cannot be given back\n"+
					"take its cables away instead, or delete it outside the test: down %s", node))
		}
	}
	return list
}
