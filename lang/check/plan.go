package check

import (
	"context"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"slices"
	"strings"
)

// planner plans the statements on the model: it is what the interpreter of a check
// carries them out with.
type planner struct {
	set   *source.Set
	in    *eval.Interp
	world World
	lab   *verb.LabState
	list  diag.List
	// wrong are the statements of which everything has been reported, with that.
	wrong map[*syntax.Statement]diag.List
	// doubts are the words of statements that were not done: what they would have
	// made is not reported as missing.
	doubts map[string]bool
	// absent are the words that named what is not there.
	absent map[source.Span]bool
	// unknown is set once a statement was met that only a run can evaluate.
	unknown bool
	// uncertain is set once alternatives made different labs, and differs are the nodes
	// whose interfaces, or which themselves, only some of them made or deleted.
	uncertain bool
	differs   map[string]bool
	// missing are findings about names that a later statement may make.
	missing []*diag.Diagnostic
	// touched are the last statements that made each interface, or changed its addresses
	// or bridge.
	touched map[plan.Ref]source.Span
	each    func(Step)
	test    func(string)
	met     func(*syntax.Statement, verb.Lab)
	// tests and open are how many tests, and alternatives, inside one another are
	// being done; log is what is undone at the end of each.
	tests, open int
	log         []plan.Step
}

// Statement plans one statement, and does it to the model.
func (c *planner) Statement(_ context.Context, p verb.Parsed, _ eval.Situation) error {
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
	c.each(Step{Statement: p, Lab: c.lab, Maybe: c.open > 0})
	return nil
}

// Read leaves it to the statements: what a program prints a model cannot tell.
func (c *planner) Read(context.Context, *syntax.Statement, verb.Reading) (done bool, err error) {
	return false, nil
}

// Test undoes what the block did to the model.
func (c *planner) Test(_ context.Context, name string, at source.Span, body func() error) error {
	mark, auto := len(c.log), c.lab.Auto()
	if c.tests == 0 && c.test != nil {
		c.test(name)
	}
	c.tests++
	err := body()
	c.tests--
	if undone := c.undo(mark, at); len(undone) > 0 {
		c.each(Step{Ops: undone, Lab: c.lab, Undone: name})
	}
	c.lab.SetAuto(auto)
	c.lab.Changed()
	return err
}

// Print says nothing: a planner is silent.
func (c *planner) Print(string) {}

// Settle is for a run: a checker does each statement at once.
func (c *planner) Settle() error { return nil }

// book is who has which address, or nil where only a run can tell.
func (c *planner) book() (*plan.Book, error) {
	if c.lab.Uncertain() {
		return nil, nil
	}
	return c.lab.Book()
}

// Unknown is a statement that only a run can evaluate: names may exist from here on.
func (c *planner) Unknown(*syntax.Statement) {
	c.unknown = true
	c.in.Ran = eval.UnknownRan()
}

// Wrong reports a statement that is wrong whatever the lab is.
func (c *planner) Wrong(st *syntax.Statement) bool {
	if c.met != nil {
		c.met(st, c.lab)
	}
	if found, wrong := c.wrong[st]; st.Bad || wrong {
		c.in.Table.Meant(c.lab, st, found)
		c.wrong[st] = nil
		c.doubt(st)
		return true
	}
	return false
}

// Stop notes the findings about a statement and goes on with the next.
func (c *planner) Stop(st *syntax.Statement, list diag.List) error {
	for _, d := range list {
		if d.Code == diag.LimitHit || d.Code == diag.Interrupted {
			return list
		}
	}
	c.add(list)
	c.doubt(st)
	return nil
}

func (c *planner) plan(parsed verb.Parsed, node verb.Planner) error {
	p := verb.NewPlan(c.lab, parsed.Span)
	node.Plan(p)
	steps, list := p.Result()
	if c.tests > 0 {
		list.Add(eval.Untestable(steps)...)
	}
	if !list.HasErrors() {
		list.Add(c.in.Limits.TooMany(c.lab, steps))
	}
	if list.HasErrors() {
		return list
	}
	c.add(list)
	c.each(Step{Statement: parsed, Ops: steps, Lab: c.lab, Maybe: c.open > 0})
	if d := c.do(steps); d != nil {
		return diag.List{d}
	}
	return c.commit()
}

// do applies ops to the model. What is refused there a program may have made
// possible; if none was run it is an error, and nothing was done.
func (c *planner) do(steps []plan.Step) *diag.Diagnostic {
	mark := len(c.log)
	for _, step := range steps {
		if err := c.apply(step); err != nil {
			if c.lab.Uncertain() {
				break
			}
			c.undo(mark, step.Span)
			return verb.Refused(step.Span, step.Op, err)
		}
		if _, ok := step.Op.(plan.Exec); ok {
			c.in.Ran = eval.UnknownRan()
		}
		c.made(step)
		c.touch(step)
	}
	if c.tests == 0 && c.open == 0 {
		c.log = c.log[:mark]
	}
	return nil
}

// apply does one op to the model, and notes it.
func (c *planner) apply(step plan.Step) error {
	if err := c.world.Apply(step.Op); err != nil {
		return err
	}
	c.lab.Note(step.Op)
	c.log = append(c.log, step)
	return nil
}

// undo undoes what the log has from a mark on, and returns the ops that did.
func (c *planner) undo(mark int, at source.Span) []plan.Step {
	var undone []plan.Step
	for i := len(c.log) - 1; i >= mark; i-- {
		for _, op := range c.log[i].Op.Inverse() {
			if c.world.Apply(op) == nil {
				c.lab.Note(op)
				undone = append(undone, plan.Step{Op: op, Span: at})
			}
		}
	}
	c.log = c.log[:mark]
	return undone
}

// assume makes what may be there, so that later statements find it.
func (c *planner) assume(r plan.Ref) {
	var op plan.Op = plan.AddNS{Name: r.Node}
	if r.Link != "" {
		op = plan.AddBridge{Node: r.Node, Name: r.Link}
	}
	_ = c.apply(plan.Step{Op: op})
}

// add takes findings over, but for names that a statement would have made which was
// not done. Where a loop comes to a word again, the first missing name is enough.
func (c *planner) add(list diag.List) {
	before := len(c.list)
	for _, d := range list {
		node, _, _ := strings.Cut(d.Absent, ":")
		if d.Absent != "" && (c.doubts[d.Absent] || c.doubts[node] || c.absent[d.Subject]) {
			continue
		}
		c.list.Add(d)
		if d.Absent != "" && !c.known(d.Absent) {
			c.missing = append(c.missing, d)
		}
	}
	for _, d := range c.list[before:] {
		if d.Absent != "" {
			c.absent[d.Subject] = true
		}
	}
}

// known reports whether a name is there or was ever made: a node, an interface of
// the host, or node:interface.
func (c *planner) known(name string) bool {
	node, link, isLink := strings.Cut(name, ":")
	if isLink {
		return c.lab.Known(plan.Ref{Node: node, Link: link})
	}
	return c.lab.Known(plan.Ref{Node: name}) || c.lab.Known(plan.Ref{Node: plan.Host, Link: name})
}

// made adds to findings about a missing name that it is made here, after them.
func (c *planner) made(step plan.Step) {
	if len(c.missing) == 0 {
		return
	}
	e := step.Op.Effect()
	names := e.Nodes
	for _, l := range e.Links {
		names = append(names, plan.Place(l.Node, l.Name))
	}
	c.missing = slices.DeleteFunc(c.missing, func(d *diag.Diagnostic) bool {
		node, _, _ := strings.Cut(d.Absent, ":")
		for _, name := range []string{d.Absent, node} {
			if slices.Contains(names, name) && step.Span.Start > d.Subject.End {
				later(c.set, d, name, "made", step.Span)
				return true
			}
		}
		return false
	})
}

// doubt takes the words of a statement that is not done for names that may exist.
func (c *planner) doubt(st *syntax.Statement) {
	for _, p := range st.Parts {
		for _, t := range p.Tokens {
			c.doubtWords(t)
		}
		if p.Block != nil {
			for _, inner := range p.Block.Statements {
				c.doubt(inner)
			}
		}
	}
}

func (c *planner) doubtWords(t syntax.Token) {
	words, unknown, d := c.in.Expand([]syntax.Token{t})
	if unknown || d != nil {
		return
	}
	for _, w := range words {
		node, link, isLink := strings.Cut(w.Value(), ":")
		if !c.known(node) {
			c.doubts[node] = true
		}
		if place := plan.Place(node, link); isLink && !c.known(place) {
			c.doubts[place] = true
		}
	}
}
