package engine

import (
	"context"
	"errors"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Batcher is a World that does the ops of several statements faster together.
type Batcher interface {
	// Stage takes ops that DoStaged is to do, all or none, and reports which; none if they
	// cannot wait, or not with those that it has. What it has taken is there for questions
	// about the ops' own objects; nothing else of the lab may depend on them.
	Stage(ops []plan.Op) bool
	// DoStaged does what was taken: all, or nothing if there is an error.
	DoStaged() error
}

// mostStaged is how many ops are done together at most: an exchange with the kernel has to fit
// into a socket's buffers (about 200 kB).
const mostStaged = 64

// waiting is a statement whose ops are staged.
type waiting struct {
	st    *syntax.Statement
	at    eval.Situation
	steps []plan.Step
}

// stage lets the ops of a statement wait for those of the next ones, and reports whether it
// did: of statements that are not undone one by one, in a lab that nothing else changes.
func (s *Session) stage(st *syntax.Statement, steps []plan.Step) bool {
	b, ok := s.World.(Batcher)
	if !ok || !s.Batch || s.undoes() || s.Interp.Immediate() || !s.Lab.Sole || s.Lab.HasBackground() || !b.Stage(opsOf(steps)) {
		return false
	}
	s.waiting = append(s.waiting, waiting{st, s.at, steps})
	if s.reads.links == nil {
		s.reads.links = map[string][]plan.Link{}
	}
	return true
}

// full reports that so many ops wait that they are to be done.
func (s *Session) full() bool {
	n := 0
	for _, w := range s.waiting {
		n += len(w.steps)
	}
	return n >= mostStaged
}

// Settle does what waits. The error is that of the first statement that fails, and says how it
// was reached: the statements before it are done, it is undone, and those after it are not done.
func (s *Session) Settle() error {
	if len(s.waiting) == 0 {
		return nil
	}
	all := s.waiting
	s.waiting, s.reads.links = nil, nil
	err := s.World.(Batcher).DoStaged()
	if errors.Is(err, plan.ErrLost) {
		return s.lost(all, err)
	}
	for _, w := range all {
		done := w.steps
		if err != nil { // one after the other, to find the one that fails
			var failed error
			if done, failed = s.apply(context.Background(), w.st, w.steps); failed != nil {
				return s.failedLate(w, failed)
			}
		} else {
			s.note(done)
		}
		s.Observer.Done(w.st, done)
	}
	return nil
}

func (s *Session) note(steps []plan.Step) {
	for _, step := range steps {
		s.Lab.Note(step.Op)
	}
}

// lost undoes what may have been done, or not.
func (s *Session) lost(all []waiting, err error) error {
	for _, w := range slices.Backward(all) {
		for _, step := range slices.Backward(w.steps) {
			s.undoDoubtful(step.Op)
		}
	}
	first := all[0].steps[0]
	return s.failedLate(all[0], diag.List{s.Interp.Table.Refused(s.Lab, first.Span, first.Op, err)})
}

// failedLate is the error of a statement that others have followed.
func (s *Session) failedLate(w waiting, err error) error {
	list, ok := diag.FromError(err)
	if !ok {
		return err
	}
	for _, d := range list {
		w.at.Explain(d)
	}
	return eval.Handled(list)
}
