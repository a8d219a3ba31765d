package check

import (
	"fmt"
	"slices"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// anything reports that any name may be there: a program was run, or a statement
// that only a run can evaluate.
func (c *planner) anything() bool { return c.unknown || c.world.Uncertain() }

// Whole does the statements: what follows one that fails is checked as well.
func (c *planner) Whole(body func() error) error { return body() }

// OneOf does each alternative from the same lab. The lab is then what all of them
// make of it; where they differ it is uncertain.
func (c *planner) OneOf(alternatives []func() error) error {
	var all []outcome
	for _, do := range alternatives {
		o, err := c.try(do)
		if err != nil {
			return err
		}
		all = append(all, o)
	}
	c.join(all)
	return c.commit()
}

// outcome is what an alternative makes of the lab.
type outcome struct {
	steps []plan.Step
	auto  verb.Auto
}

// try does an alternative, and undoes it.
func (c *planner) try(do func() error) (outcome, error) {
	mark, auto, undoable := len(c.log), c.lab.Auto(), c.lab.MayUndo
	c.open++
	c.lab.MayUndo = true
	err := do()
	c.open--
	c.lab.MayUndo = undoable
	o := outcome{slices.Clone(c.log[mark:]), c.lab.Auto()}
	c.undo(mark, source.Span{})
	c.lab.SetAuto(auto)
	return o, err
}

// join does what all alternatives do. What only some of them make is left out, and
// what only some of them delete is deleted: it may be there all the same.
func (c *planner) join(all []outcome) {
	common := all[0].steps
	for _, o := range all[1:] {
		common, _ = split(common, o.steps)
		c.uncertain = c.uncertain || o.auto != all[0].auto
	}
	for _, step := range common {
		_ = c.apply(step)
	}
	for _, o := range all {
		_, own := split(o.steps, common)
		for _, step := range own {
			c.differ(step)
		}
	}
	if !c.uncertain {
		c.lab.SetAuto(all[0].auto)
	}
}

// differ notes an op that only some alternatives do.
func (c *planner) differ(step plan.Step) {
	c.uncertain = true
	e := step.Op.Effect()
	refs := append(slices.Clone(e.Gone), e.From, e.To)
	for _, l := range e.Links {
		refs = append(refs, l.Ref())
	}
	for _, node := range e.Nodes {
		refs = append(refs, plan.Ref{Node: node})
	}
	for _, r := range refs {
		c.differs[r.Node] = true
	}
	switch {
	case e.From.Link != "":
		_ = c.apply(plan.Step{Op: plan.DelLink{Node: e.From.Node, Name: e.From.Link}})
	case e.Lost || len(e.Deleted) > 0:
		_ = c.apply(step)
	}
}

// split parts the steps whose ops others have too from those that they have not.
func split(steps, others []plan.Step) (both, own []plan.Step) {
	key := func(s plan.Step) string { return fmt.Sprintf("%T%+v", s.Op, s.Op) }
	left := map[string]int{}
	for _, s := range others {
		left[key(s)]++
	}
	for _, s := range steps {
		if k := key(s); left[k] > 0 {
			left[k]--
			both = append(both, s)
		} else {
			own = append(own, s)
		}
	}
	return both, own
}

// commit makes final what was deleted, unless it may have to come back.
func (c *planner) commit() error {
	if c.open > 0 {
		return nil
	}
	return c.world.Commit()
}
