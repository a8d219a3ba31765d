package script

import (
	"context"
	"errors"
	"io"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/runtime/state"
)

// Wanted is the lab that a script makes, as far as that is known without running it.
type Wanted struct {
	*state.Lab
	// Keys are the settings that it writes.
	Keys []string
	// Runs: it runs programs, and what these change is not known.
	Runs bool
}

// Wanted plans a script on an empty model, with the findings of its check. Hardware
// addresses that the kernel chooses are wanted as "".
func (l Language) Wanted(f *source.File, o Options, m *Modules) (Wanted, diag.List) {
	var w Wanted
	var err error
	_, list := l.CheckWith(context.Background(), m, f, o, func(set *source.Set, table *verb.Table, tree *syntax.Tree, on check.World, c check.Options) diag.List {
		pristine, errBefore := Empty(on)
		c.Each = func(s check.Step) {
			for _, step := range s.Ops {
				if op, ok := step.Op.(plan.SetSysctl); ok && !op.Optional {
					w.Keys = append(w.Keys, op.Key)
				}
			}
		}
		list := check.Walk(set, table, tree, on, c)
		var errAfter error
		w.Lab, errAfter = state.Read(on, pristine, w.Keys)
		err = errors.Join(errBefore, errAfter)
		w.Runs = on.Uncertain()
		return list
	})
	if err != nil {
		list.Add(diag.Errorf("", source.Span{}, "%v", err))
	}
	if w.Lab != nil {
		w.anyMACs()
	}
	return w, list
}

// Ops are what makes the lab in an empty one, in the order of a diff. Notes are about what no op
// makes.
func (w Wanted) Ops() (ops []plan.Op, notes []string, err error) {
	m := model.New()
	pristine, err := Empty(m)
	if err != nil {
		return nil, nil, err
	}
	ops, left, err := state.Converge(m, pristine, w.Lab, w.Keys)
	for _, n := range left {
		notes = append(notes, n.Object+": "+n.Text)
	}
	if w.Runs {
		notes = append(notes, "the script runs programs; what they change is left out")
	}
	return ops, notes, err
}

// Made reads a script and plans it, and returns [Wanted.Ops]; the set is for the findings.
func (l Language) Made(name string, in io.Reader, o Options) (set *source.Set, ops []plan.Op, notes []string, err error) {
	if set, err = l.Read([]string{name}, in); err != nil {
		return set, nil, nil, err
	}
	want, list := l.Wanted(set.Files()[0], o, l.Modules(set, name))
	if list.HasErrors() {
		return set, nil, nil, list
	}
	ops, notes, err = want.Ops()
	return set, ops, notes, err
}

// Empty makes of a new model an empty lab, and returns its settings.
func Empty(m state.World) (state.Pristine, error) {
	if err := m.Apply(plan.Baseline{Node: plan.Host}); err != nil {
		return nil, err
	}
	return state.ReadPristine(m, plan.Host)
}

// Load is a model of a lab, and its settings while they were pristine. What no op makes
// is left out.
func Load(lab *state.Lab, keys []string) (*model.Model, state.Pristine, error) {
	m := model.New()
	pristine, err := Empty(m)
	if err != nil {
		return nil, nil, err
	}
	_, _, err = state.Converge(m, pristine, lab, keys)
	return m, pristine, err
}

// anyMACs forgets the hardware addresses that the model has chosen.
func (w *Wanted) anyMACs() {
	for i := range w.Nodes {
		for j := range w.Nodes[i].Links {
			if l := &w.Nodes[i].Links[j]; model.Chosen(l.MAC) {
				l.MAC = ""
			}
		}
	}
}
