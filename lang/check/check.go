// Package check finds what is wrong with a script without running it: every
// statement is parsed, and planned against a model of the lab that the
// statements before it make. The plans are the ones that the kernel gets, so
// the checker and a run agree.
package check

import (
	"context"
	"slices"
	"strings"

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
	// Undone is the name of the test whose end takes back what it changed, by the
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
	// Each is told of each statement that is right, before it is done to the model.
	Each func(Step)
	// Test is told the name of each outermost test block; nil when nobody asks.
	Test func(name string)
}

// Walk is Tree with options.
func Walk(set *source.Set, table *verb.Table, tree *syntax.Tree, w World, o Options) diag.List {
	c := &checker{set: set, world: w, lab: verb.NewLabState(w), suspects: map[string]bool{}, each: o.Each,
		done: map[source.Span]bool{}, test: o.Test}
	c.lab.Foreign = func() bool { return c.uncertain || w.Uncertain() }
	c.lab.Make = c.assume
	c.list.Add(tree.Diags...)
	in := eval.New(table, c)
	c.ran = func() { in.Ran = eval.UnknownRan() }
	in.Book = c.book
	in.Limits, in.Modules, in.Args, in.Env, in.Name, in.Preset = o.Limits, o.Modules, o.Args, o.Env, tree.File.Name, o.Preset
	if err := in.Run(context.Background(), tree.Statements); err != nil {
		if list, ok := diag.FromError(err); ok {
			c.list.Add(list...)
		}
	}
	l := &lint{set: set, table: table, modules: o.Modules, read: map[string]*scope{}}
	l.judged = func(st *syntax.Statement) (verb.Node, bool) {
		p, ok := in.Parsed(st)
		return p.Node, ok || c.done[st.Span]
	}
	l.tree(tree)
	c.list = merge(c.list, l.list)
	c.list.Sort()
	return c.list.Unique()
}

// merge adds what the text as a whole tells to what the run told; about one word
// the run is believed, unless the text can say more.
func merge(run, text diag.List) diag.List {
	at := map[source.Span]*diag.Diagnostic{}
	for _, d := range run {
		at[d.Subject] = d
	}
	for _, d := range text {
		switch same := at[d.Subject]; {
		case same == nil || d.Subject.IsZero():
			run = append(run, d)
		case same.Code == d.Code && len(same.Related) == 0 && len(d.Related) > 0:
			same.Help, same.Related = d.Help, d.Related
		}
	}
	return run
}

type checker struct {
	set   *source.Set
	world World
	lab   *verb.LabState
	list  diag.List
	// suspects are the words of statements that were wrong: what they would
	// have made is not reported as missing.
	suspects map[string]bool
	// uncertain is set once a statement was met that only a run can evaluate.
	uncertain bool
	// done are the places of the statements that were run with all their values.
	done map[source.Span]bool
	// missing are findings about names that a later statement may make.
	missing []*diag.Diagnostic
	each    func(Step)
	test    func(string)
	// ran notes that a program was run, whose result only a run knows.
	ran   func()
	tests int
	log   []plan.Step
}

// Statement plans one statement, and does it to the model.
func (c *checker) Statement(_ context.Context, p verb.Parsed, _ eval.Situation) error {
	c.done[p.Span] = true
	if namer, ok := p.Node.(verb.Namer); ok {
		if list := namer.Names(c.lab); len(list) > 0 {
			return list
		}
	}
	switch node := p.Node.(type) {
	case verb.Planner:
		return c.plan(p, node)
	case verb.Setter:
		node.Set(c.lab)
	}
	c.each(Step{Statement: p, Lab: c.lab})
	return nil
}

// Test takes back what the block did to the model.
func (c *checker) Test(_ context.Context, name string, at source.Span, body func() error) error {
	mark, auto := len(c.log), c.lab.Auto()
	if c.tests == 0 && c.test != nil {
		c.test(name)
	}
	c.tests++
	err := body()
	c.tests--
	var undone []plan.Step
	for i := len(c.log) - 1; i >= mark; i-- {
		for _, op := range c.log[i].Op.Inverse() {
			if c.world.Apply(op) == nil {
				c.lab.Note(op)
				undone = append(undone, plan.Step{Op: op, Span: at})
			}
		}
	}
	if len(undone) > 0 {
		c.each(Step{Ops: undone, Lab: c.lab, Undone: name})
	}
	c.log = c.log[:mark]
	c.lab.SetAuto(auto)
	c.lab.Changed()
	return err
}

// Print says nothing: a checker is silent.
func (c *checker) Print(string) {}

// book is who has which address, or nil where only a run can tell.
func (c *checker) book() (*plan.Book, error) {
	if c.lab.Uncertain() {
		return nil, nil
	}
	return c.lab.Book()
}

// Unknown is a statement that only a run can evaluate: names may exist from here on.
func (c *checker) Unknown(*syntax.Statement) {
	c.uncertain = true
	c.ran()
}

// Stop notes the findings about a statement and goes on with the next.
func (c *checker) Stop(list diag.List) error {
	for _, d := range list {
		if d.Code == diag.LimitHit {
			return list
		}
	}
	c.add(list)
	for _, d := range list {
		c.suspect(d)
	}
	return nil
}

func (c *checker) plan(parsed verb.Parsed, node verb.Planner) error {
	p := verb.NewPlan(c.lab, parsed.Span)
	node.Plan(p)
	steps, list := p.Result()
	if c.tests > 0 {
		list.Add(eval.Untestable(steps)...)
	}
	if list.HasErrors() {
		return list
	}
	c.add(list)
	c.each(Step{Statement: parsed, Ops: steps, Lab: c.lab})
	for _, step := range steps {
		if err := c.world.Apply(step.Op); err != nil {
			if c.lab.Uncertain() {
				break
			}
			return diag.List{verb.Refused(step.Span, step.Op, err)}
		}
		c.lab.Note(step.Op)
		if _, ok := step.Op.(plan.Exec); ok {
			c.ran()
		}
		c.made(step)
	}
	if c.tests > 0 {
		c.log = append(c.log, steps...)
	}
	return c.world.Commit()
}

// assume makes what a program may have made, so that later statements find it.
func (c *checker) assume(r plan.Ref) {
	if r.Link == "" {
		_ = c.world.Apply(plan.AddNS{Name: r.Node})
		return
	}
	_ = c.world.Apply(plan.AddBridge{Node: r.Node, Name: r.Link})
}

// add takes findings over, but for names that only a wrong statement would have made.
func (c *checker) add(list diag.List) {
	for _, d := range list {
		name, _, _ := strings.Cut(c.set.Text(d.Subject), ":")
		unknown := d.Code == diag.UnknownNode || d.Code == diag.UnknownLink
		if unknown && c.suspects[name] {
			continue
		}
		c.list.Add(d)
		if unknown && !c.lab.Known(plan.Ref{Node: name}) {
			c.missing = append(c.missing, d)
		}
	}
}

// made tells of findings about a missing name that it is made here, behind them.
func (c *checker) made(step plan.Step) {
	if len(c.missing) == 0 {
		return
	}
	names := namesMade(step.Op)
	c.missing = slices.DeleteFunc(c.missing, func(d *diag.Diagnostic) bool {
		word := c.set.Text(d.Subject)
		node, _, _ := strings.Cut(word, ":")
		for _, text := range []string{word, node} {
			if slices.Contains(names, text) && step.Span.Start > d.Subject.End {
				later(c.set, d, text, "made", step.Span)
				return true
			}
		}
		return false
	})
}

// namesMade are the nodes and interfaces that an op makes, as a script names them.
func namesMade(op plan.Op) []string {
	switch o := op.(type) {
	case plan.AddNS:
		return []string{o.Name}
	case plan.AddBridge:
		return []string{plan.Place(o.Node, o.Name)}
	case plan.AddVeth:
		return []string{plan.Place(o.A.Node, o.A.Name), plan.Place(o.B.Node, o.B.Name)}
	}
	return nil
}

// suspect takes the words of the line that is wrong for names that may exist.
func (c *checker) suspect(d *diag.Diagnostic) {
	pos := c.set.Position(d.Subject.Start)
	if pos.File == nil {
		return
	}
	line, _, _ := strings.Cut(pos.File.Line(pos.Line), " #")
	for _, w := range strings.FieldsFunc(line, func(r rune) bool {
		return strings.ContainsRune(" \t<>(){};,:\"'", r)
	}) {
		if !c.lab.Known(plan.Ref{Node: w}) && !c.lab.Known(plan.Ref{Node: plan.Host, Link: w}) {
			c.suspects[w] = true
		}
	}
}
