// Package engine runs statements: evaluate, plan, apply, undo.
//
// A statement is atomic: when one of its ops fails, or Ctrl-C comes, the ops
// that were done are undone before the error is reported.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Observer follows what a session does.
type Observer interface {
	// Begin comes before a statement is run.
	Begin(st *syntax.Statement)
	// Done comes after a statement that changed the lab.
	Done(st *syntax.Statement, steps []plan.Step)
	// Expected comes for each expectation, held or not.
	Expected(st *syntax.Statement, e verb.Expectation)
	// Warned tells findings that stop nothing.
	Warned(list diag.List)
	// TestBegun and TestEnded bracket a test block; failed is the number of its
	// expectations that did not hold, err what ended it early (a *verb.Skip when
	// it was skipped).
	TestBegun(name string, at source.Span)
	TestEnded(name string, failed int, err error)
}

// RetryObserver is an Observer that also gets each try of an expectation after
// which it is asked again.
type RetryObserver interface {
	Tried(st *syntax.Statement, e verb.Expectation)
}

// Session runs statements on one world, one after the other.
type Session struct {
	World    World
	Lab      *verb.LabState
	Observer Observer
	Streams  verb.Streams
	// Printed is where statements that show something write, whole lines at a time; nil
	// is the output of Streams.
	Printed io.Writer
	// Interp evaluates the statements; its limits, arguments and modules may be
	// set before the first of them.
	Interp *eval.Interp
	// Select says which of the outermost test blocks are run; nil is all.
	Select func(name string) bool
	// NoSkip makes a failure of what would be skipped.
	NoSkip bool
	// Terminal: each program has a terminal of its own, and what it writes there is
	// kept for statements to come.
	Terminal bool
	// Batch lets statements wait whose ops the world does faster together: nothing but
	// the time shows it, unless the observer shows what each statement has done.
	Batch bool
	// Failed counts the expectations that did not hold.
	Failed int
	// Held counts those that did.
	Held int

	// tests is the number of test blocks that are running, and log what was done in
	// them; of an undoable session, all that was done and not undone.
	tests    int
	undoable bool
	// whole: statements are done of which all are done or none.
	whole bool
	log   []plan.Step
	// before are what the nodes had before the statements of the log.
	before []moment
	// numbers: what an undo makes again gets the interface numbers that it had.
	numbers bool
	// at is how the statement that runs was reached.
	at eval.Situation
	// readsOut: the output of programs is wanted.
	readsOut bool
	// starts are the places where services were started, by node and ID.
	starts map[[2]string]source.Span
	// broken are the files that could not be written to their end.
	broken diag.List
	// reads notes what the machine could not say of the lab.
	reads *reads
	// waiting are the statements whose ops are staged.
	waiting []waiting
	// slowest is what probes have measured.
	slowest verb.Slowest
}

// NewSession starts a session on a world. What is written to a nil stream is lost.
func NewSession(w World, table *verb.Table, o Observer, streams verb.Streams) *Session {
	if streams.Out == nil {
		streams.Out = io.Discard
	}
	if streams.Err == nil {
		streams.Err = io.Discard
	}
	seen := &reads{View: w}
	s := &Session{World: w, Lab: verb.NewLabState(seen), Observer: o, Streams: streams, reads: seen,
		starts: map[[2]string]source.Span{}}
	// While the lab is empty the book is read with one question. A failure is reported
	// to the first statement that needs it.
	nodes, err := w.Nodes()
	s.Lab.Inhabited = err == nil && len(nodes) > 0
	if err == nil && len(nodes) == 0 {
		_, _ = s.Lab.Book()
	}
	s.Interp = eval.New(table, s)
	s.Interp.Book, s.Interp.Lab = s.Lab.Book, s.Lab
	return s
}

// Run runs the statements of a script up to the first error, which is a
// diag.List, or to a skip, which is a *verb.Skip. Expectations that do not hold
// are counted, and stop nothing. Files that were not written to their end are an error
// once all was done.
func (s *Session) Run(ctx context.Context, statements []*syntax.Statement) error {
	s.readsOut = s.readsOut || eval.ReadsOut(s.Interp.Table, statements)
	err := s.Interp.Run(ctx, statements)
	if late := s.Settle(); late != nil {
		return late
	}
	if err != nil {
		return err
	}
	return s.broken.Err()
}

// Do runs one statement, wholly or not at all.
func (s *Session) Do(ctx context.Context, st *syntax.Statement) error { return s.Interp.Do(ctx, st) }

// Statement does a statement of the table; the interpreter calls it.
func (s *Session) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if ctx.Err() != nil {
		return diag.List{interrupted(p.Span)}
	}
	s.at = at
	s.Observer.Begin(p.Statement)
	defer s.reportDied()
	s.reads.begin()
	switch node := p.Node.(type) {
	case verb.Planner:
		return s.plan(ctx, p.Statement, node)
	case verb.Runner:
		return s.act(ctx, p.Statement, node)
	}
	return diag.List{diag.Errorf(diag.UnknownVerb, p.Span, "%s cannot be run", p.Verb.Name)}
}

// Print writes a line of the script.
func (s *Session) Print(text string) { _, _ = fmt.Fprintln(s.Streams.Out, diag.Plain(text)) }

// Stop ends the script with its first error.
func (s *Session) Stop(_ *syntax.Statement, list diag.List) error { return list }

// OneOf cannot happen in a run, which knows which it is.
func (s *Session) OneOf([]func() error) error { return nil }

// Wrong is for a checker: in a run what is wrong ends the script.
func (s *Session) Wrong(*syntax.Statement) bool { return false }

// Unknown cannot happen in a run, which knows everything.
func (s *Session) Unknown(*syntax.Statement) {}

// Test runs a test block and undoes what it changed, last op first.
func (s *Session) Test(ctx context.Context, name string, at source.Span, body func() error) error {
	if ctx.Err() != nil {
		return diag.List{interrupted(at)}
	}
	if s.tests == 0 && s.Select != nil && !s.Select(name) {
		return nil
	}
	if err := s.Settle(); err != nil {
		return err
	}
	mark, failed, auto := len(s.log), s.Failed, s.Lab.Auto()
	s.Observer.TestBegun(name, at)
	s.tests++
	err := body()
	s.tests--
	list := s.undoSince(mark)
	s.Lab.SetAuto(auto)
	s.Observer.TestEnded(name, s.Failed-failed, err)
	if skip := (*verb.Skip)(nil); errors.As(err, &skip) {
		err = nil
	}
	return errors.Join(err, list.Err())
}

func (s *Session) plan(ctx context.Context, st *syntax.Statement, node verb.Planner) error {
	p := verb.NewPlan(s.Lab, st.Span)
	node.Plan(p)
	steps, list := p.Result()
	warnings, err := s.vet(st, steps, list)
	if err == nil && len(warnings) == 0 && s.stage(st, steps) {
		if s.full() {
			return s.Settle()
		}
		return nil
	}
	if late := s.Settle(); late != nil {
		return late
	}
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		s.Observer.Warned(warnings)
	}
	done, err := s.apply(ctx, st, steps)
	if err != nil {
		return err
	}
	s.Observer.Done(st, done)
	return nil
}

// vet finds what is wrong with a statement that has been planned; what stops nothing are warnings.
func (s *Session) vet(st *syntax.Statement, steps []plan.Step, list diag.List) (warnings diag.List, err error) {
	if d := s.reads.failed(st.Span); d != nil {
		return nil, diag.List{d}
	}
	if !list.HasErrors() {
		list.Add(s.untestable(steps)...)
		list.Add(s.Interp.Limits.TooMany(s.Lab, steps))
	}
	if list.HasErrors() {
		return nil, list.Few()
	}
	return list, nil
}

// untestable are the ops of a statement that a test block could not undo.
func (s *Session) untestable(steps []plan.Step) diag.List {
	if s.tests == 0 {
		return nil
	}
	return eval.Untestable(steps)
}

// act runs a statement that asks or prints.
func (s *Session) act(ctx context.Context, st *syntax.Statement, node verb.Runner) error {
	if err := s.Settle(); err != nil {
		return err
	}
	err := node.Run(ctx, s.env(st))
	var skip *verb.Skip
	switch fault := s.reads.failed(st.Span); {
	case ctx.Err() == nil && fault != nil:
		return diag.List{fault}
	case err == nil:
		return nil
	case errors.As(err, &skip):
		return s.skip(skip)
	case ctx.Err() != nil:
		return diag.List{interrupted(st.Span)}
	}
	return verb.Findings(st.Span, err)
}
