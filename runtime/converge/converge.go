// Package converge makes a lab that is there what a script says, wholly or not at all, and
// finds the statements for what differs.
package converge

import (
	"context"
	"strings"

	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/lang/write"
	"nsl/runtime/engine"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/state"
)

// Lab is a lab that is there.
type Lab struct {
	// Session does what is to be done; it can undo.
	Session *engine.Session
	// Read reads the lab as it is, with these settings of its nodes.
	Read func(keys []string) (*state.Lab, error)
}

// rounds is how often what is left is compared with the kernel, which may do what the
// model does not.
const rounds = 4

// Become makes the lab what is wanted, and returns what was done and how the lab was before.
// What both have stays as it is. With an error, a diag.List, the lab is as it was.
func (l Lab) Become(ctx context.Context, want script.Wanted) (done []plan.Op, before *state.Lab, err error) {
	if before, err = l.Read(want.Keys); err != nil {
		return nil, nil, verb.Findings(source.Span{}, err)
	}
	begin := l.Session.Mark()
	if done, err = l.approach(ctx, before, want); err != nil {
		list := append(verb.Findings(source.Span{}, err), l.Session.Undo(begin)...)
		return nil, nil, append(list, verb.Findings(source.Span{}, l.Back(before, want.Keys))...)
	}
	return done, before, nil
}

// Back makes the lab what it was, once what Become did is undone: the ops of a difference do
// not know all that goes with them, as those of a statement do.
func (l Lab) Back(before *state.Lab, keys []string) error {
	now, err := l.Read(keys)
	if err == nil {
		_, err = l.approach(context.Background(), now, script.Wanted{Lab: before, Keys: keys})
	}
	return err
}

// approach does what makes the lab, which is like now, what is wanted, again until nothing
// differs, and returns what was done.
func (l Lab) approach(ctx context.Context, now *state.Lab, want script.Wanted) (done []plan.Op, err error) {
	for range rounds {
		ops, err := Changes(now, want)
		if err != nil || len(ops) == 0 {
			return done, err
		}
		if err := l.Session.Change(ctx, ops); err != nil {
			return done, err
		}
		done = append(done, ops...)
		if now, err = l.Read(want.Keys); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Changes are the ops that make a lab what is wanted, planned on a model of it.
func Changes(live *state.Lab, want script.Wanted) ([]plan.Op, error) {
	m, pristine, err := script.Load(live, want.Keys)
	if err != nil {
		return nil, err
	}
	ops, _, err := state.Converge(m, pristine, want.Lab, want.Keys)
	return state.Native(ops, live.Pristine, want.Lab), err
}

// Differences are ops as statements.
func Differences(ops []plan.Op) []report.Difference {
	var list []report.Difference
	for _, l := range write.Statements(ops) {
		d := report.Difference{Statement: l.Text}
		if len(l.Ops) > 0 {
			d.Kind, d.Object = state.KindOf(l.Ops[0])
		}
		if l.Note() {
			d.Statement, d.Note = "", strings.TrimPrefix(l.Text, "# ")
		}
		for _, op := range l.Ops {
			for _, c := range op.Commands() {
				d.Commands = append(d.Commands, c.String())
			}
		}
		list = append(list, d)
	}
	return list
}
