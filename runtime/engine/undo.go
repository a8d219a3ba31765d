package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/restore"
)

// moment is what nodes had when the log had so many steps.
type moment struct {
	done int
	was  *restore.Snapshot
}

// undoes reports whether what is done now may have to be undone later.
func (s *Session) undoes() bool { return s.tests > 0 || s.undoable || s.whole }

// Whole does statements, all or none.
func (s *Session) Whole(body func() error) error {
	if s.whole {
		return body()
	}
	if err := s.Settle(); err != nil {
		return err
	}
	mark := len(s.log)
	s.whole = true
	err := body()
	s.whole = false
	if err != nil {
		list := s.undoSince(mark)
		if found, ok := diag.FromError(err); ok {
			return append(found, list...)
		}
		return errors.Join(err, list.Err())
	}
	if !s.undoes() {
		s.log, s.before = s.log[:mark], s.before[:0]
	}
	return nil
}

// snapshot is what the nodes of a statement that may be undone have; nil for others.
func (s *Session) snapshot(steps []plan.Step) (*restore.Snapshot, error) {
	if !s.undoes() {
		return nil, nil //nolint:nilnil // a snapshot of nothing
	}
	book, err := s.Lab.Book()
	if err != nil {
		return nil, err
	}
	programs, err := s.changeableBy(steps)
	if err != nil {
		return nil, err
	}
	return restore.Take(s.World, book, opsOf(steps), programs)
}

func opsOf(steps []plan.Step) []plan.Op {
	ops := make([]plan.Op, len(steps))
	for i, step := range steps {
		ops[i] = step.Op
	}
	return ops
}

// remember keeps what was done, and what was there before.
func (s *Session) remember(steps []plan.Step, before *restore.Snapshot) {
	if !s.undoes() {
		return
	}
	s.before = append(s.before, moment{len(s.log), before})
	s.log = append(s.log, steps...)
}

// undoSince undoes the statements of the log from a length of it on, last first.
func (s *Session) undoSince(mark int) diag.List {
	var list diag.List
	undone, at := opsOf(s.log[mark:]), source.Span{}
	if len(undone) > 0 {
		at = s.log[mark].Span
	}
	for len(s.log) > mark {
		last := s.before[len(s.before)-1]
		s.before = s.before[:len(s.before)-1]
		list.Add(s.undo(s.log[last.done:], last.was)...)
		s.log = s.log[:last.done]
	}
	list.Add(s.forget(at, undone)...)
	return list
}

// undo undoes ops, last first, and restores what the kernel changed besides. It goes on
// after a failure, and does not listen to Ctrl-C: half a statement is worse than a late
// prompt.
func (s *Session) undo(steps []plan.Step, before *restore.Snapshot) diag.List {
	var list diag.List
	var done []plan.Op
	// What is undone of a program's changes names interfaces by their numbers.
	s.numbers = slices.ContainsFunc(s.log, func(step plan.Step) bool { _, ok := step.Op.(plan.SetItem); return ok })
	for i := len(steps) - 1; i >= 0; i-- {
		for _, op := range steps[i].Op.Inverse() {
			if err := s.repair(op); err != nil {
				list.Add(whileUndoing(verb.Refused(steps[i].Span, op, err)))
				continue
			}
			done = append(done, op)
		}
	}
	if before != nil && len(steps) > 0 {
		at := steps[0].Span
		list.Add(s.failed(at, before.Restore(s.World, s.attempt)))
		ops, err := restore.Services(s.World, done)
		list.Add(s.failed(at, err), s.failed(at, s.repairAll(ops)))
	}
	s.Lab.Changed()
	return list
}

// undoDoubtful undoes an op that was done or was not: it fails if it was not.
func (s *Session) undoDoubtful(op plan.Op) {
	for _, o := range op.Inverse() {
		_ = s.repair(o)
	}
}

// forget lets the nodes forget hardware addresses that were changed and are not any more.
func (s *Session) forget(at source.Span, undone []plan.Op) diag.List {
	if len(undone) == 0 {
		return nil
	}
	book, err := s.Lab.Book()
	if err != nil {
		return diag.List{s.failed(at, err)}
	}
	ops, err := restore.Neighbours(s.World, book, undone)
	var list diag.List
	list.Add(s.failed(at, err), s.failed(at, s.repairAll(ops)))
	return list
}

// repair does one op, whatever Ctrl-C says.
func (s *Session) repair(op plan.Op) error {
	err := s.World.Apply(plan.Undoing(context.Background(), s.numbers), op)
	if err == nil {
		s.Lab.Note(op)
	}
	return err
}

// attempt is repair with an error that says what it is about.
func (s *Session) attempt(op plan.Op) error {
	if err := s.repair(op); err != nil {
		return fmt.Errorf("%s: %w", op.Effect().Object, err)
	}
	return nil
}

func (s *Session) repairAll(ops []plan.Op) error {
	var errs []error
	for _, op := range ops {
		errs = append(errs, s.attempt(op))
	}
	return errors.Join(errs...)
}

// failed is the finding that something could not be restored, nil for no error.
func (s *Session) failed(at source.Span, err error) *diag.Diagnostic {
	if err == nil {
		return nil
	}
	return whileUndoing(verb.Refused(at, nil, err))
}

// whileUndoing is such a finding. Whatever it is about, no script is wrong.
func whileUndoing(d *diag.Diagnostic) *diag.Diagnostic {
	d.Severity = diag.Machine
	d.Summary = "while undoing the statement: " + d.Summary
	return d
}

func interrupted(at source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.Interrupted, at, "interrupted; the statement was undone")
}
