package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// program runs a program with the script's own streams, and keeps its exit code
// for $status. One that fails fails the statement, unless it may.
//
// Its output is kept for $out where something reads that: a program behaves differently
// without its terminal, and one that leaves others running with its output would have
// to be waited for. With a terminal of its own it is always kept.
func (s *Session) program(ctx context.Context, step plan.Step, e plan.Exec) error {
	streams, kept := s.Streams, (*capped)(nil)
	if s.readsOut || s.Terminal {
		kept = &capped{limit: s.Interp.Limits.Text}
		if streams.Err == streams.Out { // os/exec no longer sees that it is one writer
			streams.Out = &oneAtATime{Writer: streams.Out}
			streams.Err = streams.Out
		}
		streams.Out = io.MultiWriter(streams.Out, kept)
	}
	code, err := s.World.Exec(ctx, e.Node, e.Argv, streams)
	s.Lab.Note(e)
	if err == nil && ctx.Err() == nil {
		s.Interp.Ran = s.ran(kept, code)
	}
	if err == nil && ctx.Err() == nil && code != 0 && !e.MayFail {
		return failed(step.Span, e, code)
	}
	return errors.Join(err, ctx.Err())
}

func failed(at source.Span, e plan.Exec, code int) diag.List {
	return diag.List{diag.New(diag.ProgramFailed, diag.Failure, at, "%s ended with exit code %d", e.Effect().Object, code).
		WithHelp("to allow it, say what is expected: expect exec %s … exits %d\n"+
			"or look at $status afterwards: exec %s --may-fail …", e.Node, code, e.Node)}
}

// Read answers a command line that only reads with what the program itself prints, if it
// is installed. It is no op: there is nothing to undo.
func (s *Session) Read(ctx context.Context, st *syntax.Statement, r verb.Reading) (done bool, err error) {
	if has, err := s.World.HasNode(r.Node); err != nil || !has || !s.World.Installed(r.Argv[0]) {
		return false, nil //nolint:nilerr // the statement says it
	}
	if err := s.Settle(); err != nil {
		return true, err
	}
	s.Observer.Begin(st)
	defer s.reportDied()
	e := plan.Exec{Node: r.Node, Argv: r.Argv}
	code, err := s.World.Exec(ctx, e.Node, e.Argv, s.Streams)
	switch {
	case ctx.Err() != nil || errors.Is(err, plan.ErrInterrupted):
		return true, diag.List{interrupted(st.Span)}
	case err != nil:
		return true, diag.List{verb.Refused(st.Span, e, err)}
	case code != 0 && !r.MayFail:
		return true, failed(st.Span, e, code)
	}
	return true, nil
}

func (s *Session) ran(kept *capped, code int) *eval.Ran {
	limit := s.Interp.Limits.Text
	switch {
	case kept == nil:
		r := eval.NewRan("", code, limit)
		r.Out = nil
		return r
	case s.Terminal: // which writes "\n" as "\r\n" (ONLCR, termios(3))
		return eval.NewRan(strings.ReplaceAll(kept.String(), "\r\n", "\n"), code, limit)
	}
	return eval.NewRan(kept.String(), code, limit)
}

// oneAtATime is a writer that several goroutines may use.
type oneAtATime struct {
	mu sync.Mutex
	io.Writer
}

// Write writes when no other goroutine does.
func (w *oneAtATime) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Writer.Write(p)
}

// capped keeps the beginning of what is written.
type capped struct {
	bytes.Buffer
	limit int
}

// Write keeps what there is room for, and takes the rest as well.
func (c *capped) Write(p []byte) (int, error) {
	_, _ = c.Buffer.Write(p[:min(len(p), max(0, c.limit-c.Len()))])
	return len(p), nil
}

// started remembers where services were started, to tell there how they end.
func (s *Session) started(steps []plan.Step) {
	for _, step := range steps {
		if o, ok := step.Op.(plan.Start); ok {
			s.starts[[2]string{o.Node, o.ID}] = step.Span
		}
	}
}

// reportDied reports services that ended with an error of their own accord.
func (s *Session) reportDied() {
	var list diag.List
	for _, r := range s.World.Ended() {
		d := diag.New(diag.ServiceDied, diag.Warning, s.starts[[2]string{r.Node, r.ID}], "%s, the %s in %s, is gone: %s", r.ID, r.Service, r.Node, r.Ended)
		if _, ok := r.Service.(plan.Program); ok {
			d = d.WithHelp("%s", verb.Printed(r.Printed))
		}
		list.Add(d)
		if r.Broken {
			s.broken.Add(diag.New(diag.ServiceDied, diag.Machine, d.Subject, "the %s is not whole: %s", r.Service, r.Ended))
		}
	}
	if len(list) > 0 {
		s.Observer.Warned(list)
	}
}
