package engine

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

// Mark is a moment of an undoable session; [Session.Undo] goes
// back to it.
type Mark struct {
	done  int
	auto  verb.Auto
	scope eval.Names
}

// EnableUndo makes the session remember what it does from now on, so that it can be
// back. Deleted namespaces are held for that.
func (s *Session) EnableUndo() { s.undoable, s.Lab.MayUndo = true, true }

// Mark is this moment: what was done, the names that are bound in the outermost
// scope, and the mode of automatic addresses. It also starts the count of the
// statements anew, which the interpreter limits.
func (s *Session) Mark() Mark {
	s.Interp.Recount()
	return Mark{len(s.log), s.Lab.Auto(), s.Interp.Scope.Names()}
}

// Since are the steps that were done after a mark and stand, in their order.
func (s *Session) Since(m Mark) []plan.Step { return slices.Clone(s.log[min(m.done, len(s.log)):]) }

// Changed reports whether anything is different from what it was at a mark: the
// lab, a variable, a function, or the mode of automatic addresses.
func (s *Session) Changed(m Mark) bool {
	return len(s.log) != m.done || s.Lab.Auto() != m.auto || !s.Interp.Scope.Names().Equal(m.scope)
}

// Undo undoes all that was done after a mark, last op first. What cannot be
// undone is reported, and the rest is undone nevertheless.
func (s *Session) Undo(m Mark) diag.List {
	list := s.undoSince(min(m.done, len(s.log)))
	s.Lab.SetAuto(m.auto)
	s.Interp.Scope.SetNames(m.scope)
	if err := s.commit(); err != nil {
		list.Add(verb.Refused(source.Span{}, nil, err))
	}
	return list
}

// Keep ends that: what was done cannot be undone any more, and deleted namespaces end.
func (s *Session) Keep() error {
	s.undoable, s.Lab.MayUndo, s.log, s.before = false, false, nil, nil
	return s.commit()
}

// commit lets deleted namespaces end, unless one of them may have to come back.
func (s *Session) commit() error {
	if s.undoable {
		for _, step := range s.log {
			if step.Op.Effect().GoneNode() != "" {
				return nil
			}
		}
	}
	return s.World.Commit()
}

// Change does ops that no statement has planned, all or none.
func (s *Session) Change(ctx context.Context, ops []plan.Op) error {
	steps := make([]plan.Step, len(ops))
	for i, op := range ops {
		steps[i].Op = op
	}
	if d := s.Interp.Limits.TooMany(s.Lab, steps); d != nil {
		return diag.List{d}
	}
	_, err := s.apply(ctx, &syntax.Statement{}, steps)
	return err
}

// prefetch announces the ops to the world; the returned function ends that.
func (s *Session) prefetch(steps []plan.Step) (done func()) {
	f, ok := s.World.(Prefetcher)
	if !ok {
		return func() {}
	}
	f.Prefetch(opsOf(steps))
	return func() { f.Prefetch(nil) }
}
