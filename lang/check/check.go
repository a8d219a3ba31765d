// Package check finds what is wrong with a script without running it. What is wrong
// whatever the values are is found in the text: words that do not parse, variables
// and functions that nothing makes. The statements that are left are planned
// against a model of the lab that those before them make; the plans are the ones
// that the kernel gets, so the checker and a run agree.
package check

import (
	"context"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// World is the model that the checker plans against.
type World interface {
	plan.View
	Apply(op plan.Op) error
	Commit() error
	// Uncertain reports that a program was run that could have changed anything.
	Uncertain() bool
}

// Tree returns all findings about a script, in the order of its lines. The
// model must be fresh; afterwards it is the lab as the script leaves it.
func Tree(set *source.Set, table *verb.Table, tree *syntax.Tree, w World) diag.List {
	return Walk(set, table, tree, w, Options{Limits: eval.DefaultLimits(), Each: func(Step) {}})
}

// Step is a statement that could be planned, with its ops; a statement that
// only asks has none.
type Step struct {
	Statement verb.Parsed
	Ops       []plan.Step
	// Lab is the lab before the ops.
	Lab verb.Lab
	// Maybe: it is done in one of several alternatives, and only a run knows which.
	Maybe bool
	// Undone is the name of the test whose end undoes what it changed, by the
	// ops; there is no statement then.
	Undone string
}

// Options are what a run would know beside the text.
type Options struct {
	Limits eval.Limits
	// Modules finds what use names.
	Modules eval.Modules
	// Preset are values for the outermost block's let.
	Preset map[string]eval.Value
	// Args and Env are nil where only a run can tell them.
	Args []string
	Env  func(name string) (string, bool)
	// Each is called for each statement that is right, before it is done to the model.
	Each func(Step)
	// Context ends the check; nil is never.
	Context context.Context //nolint:containedctx // one of many settings of one call
	// Undoable: what deletes a node first deletes what is in it, one by one.
	Undoable bool
	// Keeps are the directories and files that outlive the lab.
	Keeps []string
	// Test is called with the name of each outermost test block; it may be nil.
	Test func(name string)
	// Met is called for each statement when its turn comes, right or wrong, with the lab
	// before it; it may be nil.
	Met func(st *syntax.Statement, lab verb.Lab)
	// Named is called for each place where the text names a variable or function that
	// is there; it may be nil.
	Named func(Named)
	// Translated is called with each command of another program, and what it is in nsl; it
	// may be nil.
	Translated func(c verb.Command, t verb.Translation)
}

// Named is a place in the text that names a variable or function, and the place where that
// is bound or defined, which may be the same.
type Named struct {
	Name     string
	At, Def  source.Span
	Function bool
}

// Text finds what is wrong with a script whichever lab it meets, and no more: the
// statements are not planned. It is for scripts that change a lab which is there.
func Text(set *source.Set, table *verb.Table, tree *syntax.Tree, modules eval.Modules) diag.List {
	r := newResolver(set, table, modules, map[*syntax.Statement]verb.Parsed{})
	r.tree(tree)
	list := slices.Concat(tree.Diags, r.list)
	list.Sort()
	return list.Unique().Few()
}

// Walk is Tree with options. What is wrong whatever the lab is found in the text
// first; the statements that are left are planned.
func Walk(set *source.Set, table *verb.Table, tree *syntax.Tree, w World, o Options) diag.List {
	c := &planner{set: set, world: w, lab: verb.NewLabState(w), doubts: map[string]bool{},
		absent: map[source.Span]bool{}, differs: map[string]bool{}, touched: map[plan.Ref]source.Span{}, each: o.Each, test: o.Test, met: o.Met}
	c.lab.Foreign = func() bool { return c.anything() || c.uncertain }
	c.lab.Unseen = func(node string) bool { return c.anything() || c.differs[node] }
	c.lab.Make = c.assume
	c.lab.MayUndo, c.lab.Kept = o.Undoable, o.Keeps
	in := eval.New(table, c)
	c.in = in
	in.Limits, in.Modules, in.Args, in.Env, in.Name, in.Preset = o.Limits, o.Modules, o.Args, o.Env, tree.File.Name, o.Preset
	in.Book, in.Lab, in.Translated = c.book, c.lab, o.Translated
	r := newResolver(set, table, o.Modules, in.Parsed)
	if o.Named != nil {
		r.named = o.Named
	}
	r.tree(tree)
	c.wrong = r.wrong
	if o.Context == nil {
		o.Context = context.Background()
	}
	err := in.Run(o.Context, tree.Statements)
	limits, _ := diag.FromError(err)
	if o.Context.Err() != nil && len(limits) > 0 {
		return limits
	}
	c.faults(table)
	list := slices.Concat(tree.Diags, r.list, c.list, limits)
	list.Sort()
	return list.Unique().Few()
}
