package engine

import (
	"context"
	"errors"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// apply does ops for a statement, all or none. What was done are they, each program
// followed by what it changed.
func (s *Session) apply(ctx context.Context, st *syntax.Statement, steps []plan.Step) (done []plan.Step, err error) {
	before, err := s.snapshot(steps)
	if err != nil {
		return nil, diag.List{verb.Refused(st.Span, nil, err)}
	}
	defer s.prefetch(steps)()
	for _, step := range steps {
		var changed []plan.Step
		err := ctx.Err()
		if err == nil {
			changed, err = s.do(ctx, step)
		}
		if err == nil {
			s.Lab.Note(step.Op)
			done = append(append(done, step), changed...)
			continue
		}
		list, ok := diag.FromError(err)
		switch {
		case ctx.Err() != nil || errors.Is(err, plan.ErrInterrupted):
			list = diag.List{interrupted(st.Span)}
		case !ok:
			list = diag.List{s.Interp.Table.Refused(s.Lab, step.Span, step.Op, err)}
		}
		if errors.Is(err, plan.ErrLost) {
			s.undoDoubtful(step.Op)
		}
		list.Add(s.undo(append(done, changed...), before)...)
		return nil, list
	}
	s.started(done)
	s.remember(done, before)
	if err := s.commit(); err != nil {
		return nil, diag.List{verb.Refused(st.Span, nil, err)}
	}
	return done, nil
}

// do does one op. Of a program it finds out what it changed, also when it failed.
func (s *Session) do(ctx context.Context, step plan.Step) (changed []plan.Step, err error) {
	e, ok := step.Op.(plan.Exec)
	if !ok {
		return nil, s.World.Apply(ctx, step.Op)
	}
	before, nodes, err := s.content(e)
	if err != nil {
		return nil, err
	}
	err = s.program(ctx, step, e)
	changed, readErr := s.changes(step, before, nodes)
	if err != nil {
		return changed, err
	}
	return changed, readErr
}
