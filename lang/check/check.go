// Package check finds what is wrong with a script without running it: every
// statement is parsed, and planned against a model of the lab that the
// statements before it make. The plans are the ones that the kernel gets, so
// the checker and a run agree.
package check

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// World is the model that the checker plans against.
type World interface {
	verb.View
	Apply(op plan.Op) error
	Commit() error
	// Guess reports that a program was run that could have changed anything.
	Guess() bool
}

// Tree returns all findings about a script, in the order of its lines. The
// model must be fresh; afterwards it is the lab as the script leaves it.
func Tree(set *source.Set, table *verb.Table, tree *syntax.Tree, w World) diag.List {
	return Walk(set, table, tree, w, func(Step) {})
}

// Step is a statement that could be planned, with its ops; a statement that
// only asks has none.
type Step struct {
	Statement verb.Parsed
	Ops       []plan.Step
	// Lab is the lab before the ops.
	Lab verb.Lab
}

// Walk is Tree, and tells each statement that is right before it is done to
// the model.
func Walk(set *source.Set, table *verb.Table, tree *syntax.Tree, w World, each func(Step)) diag.List {
	c := &checker{set: set, table: table, world: w, memory: verb.NewMemory(w), suspects: map[string]bool{}, each: each}
	c.memory.Foreign, c.memory.Make = w.Guess, c.imagine
	c.list.Add(tree.Diags...)
	for _, st := range tree.Statements {
		if !c.statement(st) {
			c.suspect(st)
		}
	}
	c.list.Sort()
	return c.list
}

type checker struct {
	set    *source.Set
	table  *verb.Table
	world  World
	memory *verb.Memory
	list   diag.List
	// suspects are the words of statements that were wrong: what they would
	// have made is not reported as missing.
	suspects map[string]bool
	each     func(Step)
}

// statement checks one statement, and does it to the model. It reports whether
// it could be done.
func (c *checker) statement(st *syntax.Statement) bool {
	parsed, list := c.table.Parse(st)
	c.add(list)
	if parsed.Node == nil {
		return false
	}
	if namer, ok := parsed.Node.(verb.Namer); ok {
		c.add(namer.Names(c.memory))
	}
	switch node := parsed.Node.(type) {
	case verb.Planner:
		return c.plan(parsed, node)
	case verb.Setter:
		node.Set(c.memory)
	}
	c.each(Step{Statement: parsed, Lab: c.memory})
	return true
}

func (c *checker) plan(parsed verb.Parsed, node verb.Planner) bool {
	p := verb.NewPlan(c.memory, parsed.Span)
	node.Plan(p)
	steps, list := p.Result()
	c.add(list)
	if list.HasErrors() {
		return false
	}
	c.each(Step{parsed, steps, c.memory})
	for _, step := range steps {
		if err := c.world.Apply(step.Op); err != nil {
			if c.world.Guess() {
				break
			}
			c.list.Add(verb.Refused(step.Span, step.Op, err))
			return false
		}
		c.memory.Note(step.Op)
	}
	return c.world.Commit() == nil
}

// imagine makes what a program may have made, so that later statements find it.
func (c *checker) imagine(r plan.Ref) {
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
		if !unknown || !c.suspects[name] {
			c.list.Add(d)
		}
	}
}

func (c *checker) suspect(st *syntax.Statement) {
	for _, t := range st.Head() {
		name, _, _ := strings.Cut(t.Value(), ":")
		c.suspects[name] = true
	}
}
