package lab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/outside"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// RunAll runs these scripts one after the other. The exit code is that of the first
// that did not end with 0, but a failed expectation stops no later file. Checked makes the
// job of the i-th file, and fail reports an error and returns its exit code.
func (s Setup) RunAll(files []*source.File, a script.Access, checked func(i int) (Job, error), fail func(error) int) int {
	exit := diag.ExitOK
	for i, file := range files {
		code, err := s.Run(file, a, func() (Job, error) { return checked(i) })
		if err != nil {
			code = fail(err)
		}
		if exit == diag.ExitOK {
			exit = code
		}
		if code > diag.ExitFailed {
			break
		}
	}
	return exit
}

// Run runs the script of that file in a sandbox of its own and returns its exit
// code. Checked makes the job while the sandbox is set up, on another processor; its
// error ends everything and is returned. A script that asks the person for something is
// checked before.
func (s Setup) Run(file *source.File, a script.Access, checked func() (Job, error)) (int, error) {
	if len(s.Asks(file)) > 0 {
		j, err := checked()
		if err != nil {
			return 0, err
		}
		if a, err = person().Access(a, j.Script); err != nil {
			return 0, err
		}
	}
	c, err := config(a, file.Name, modeRun)
	if err != nil {
		return 0, err
	}
	c.Person = &outside.Person{Suspend: terminal.Suspend}
	c.Prepare = func() ([]byte, error) {
		j, err := checked()
		if err != nil {
			return nil, err
		}
		return json.Marshal(j)
	}
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return terminal.Restored(os.Stdin, func() (int, error) { return crashed(sandbox.Run(context.Background(), c)) })
}

func (s Setup) runInside(ctx context.Context, in *sandbox.Inside) (int, error) {
	j, err := payload[Job](in)
	if err != nil {
		return 0, err
	}
	return s.inConsole(j, verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, func(r *run) error {
		return r.inLab(ctx, in)
	}), nil
}

// run is a script that runs, and what it has counted.
type run struct {
	Setup
	script.Script
	set      *source.Set
	tree     *syntax.Tree
	observer engine.Observer
	streams  verb.Streams
	// selected are the outermost tests that are run; nil is all.
	selected func(name string) bool
	noSkip   bool
	// batch: nothing shows what each statement has done.
	batch bool

	// printed is where statements that show something write; nil is the output of streams.
	printed io.Writer

	held, failed int
}

func (s Setup) newRun(sc script.Script, streams verb.Streams) *run {
	set := &source.Set{}
	return &run{Setup: s, Script: sc, set: set, tree: sc.Tree(s.Table, set), streams: streams}
}

// observe reports to o what the check has not reported.
func (r *run) observe(o engine.Observer) {
	retries, _ := o.(engine.RetryObserver)
	r.observer = &newWarnings{known: r.Found, set: r.set, Observer: o, retries: retries}
}

// inLab runs the statements in a lab that begins and ends with them.
func (r *run) inLab(ctx context.Context, in *sandbox.Inside) error {
	if err := r.tree.Diags.Err(); err != nil {
		return err
	}
	world, err := OpenIn(ctx, in)
	if err != nil {
		return err
	}
	if err = world.limit(in, r.Options.Limits); err == nil {
		world.ExpectNodes(r.Nodes)
		s := r.session(world)
		s.Lab.Sole, s.Batch = true, r.batch
		err = r.in(ctx, s)
	}
	file := (*plan.FileError)(nil)
	if closing := world.Close(); err == nil && errors.As(closing, &file) {
		err = diag.List{verb.Refused(source.Span{}, nil, closing)}
	}
	return err
}

// on runs the statements on a world, which may be there before and after. The
// error is what ended them.
func (r *run) on(ctx context.Context, world engine.World) error {
	if err := r.tree.Diags.Err(); err != nil {
		return err
	}
	return r.in(ctx, r.session(world))
}

// in runs the statements in a session, and counts the expectations.
func (r *run) in(ctx context.Context, s *engine.Session) error {
	err := s.Run(ctx, r.tree.Statements)
	if list, ok := diag.FromError(err); ok {
		eval.ProposeGrants(r.Table, r.tree, list)
	}
	r.held, r.failed = s.Held, s.Failed
	return err
}

// session is one for the script.
func (r *run) session(world engine.World) *engine.Session {
	s := engine.NewSession(world, r.Table, r.observer, r.streams)
	s.Select, s.NoSkip = r.selected, r.noSkip
	s.Lab.Kept, s.Printed = r.Options.Keeps, r.printed
	r.Options.Apply(s.Interp, r.Name, r.ModulesOf(r.set, r.Script))
	return s
}

// inConsole reports to people what a job does, and returns its exit code.
func (s Setup) inConsole(j Job, streams verb.Streams, do func(*run) error) int {
	r := s.newRun(j.Script, streams)
	// Programs get the stream itself: what they leave running may hold it.
	out := &outlet{Writer: streams.Out}
	r.printed, r.batch = out, !j.Verbose
	console := &report.Console{Out: out, Err: streams.Err, Verbose: j.Verbose,
		Text: diag.Text{Set: r.set, Color: j.OutColor}}
	r.observe(console)
	err := do(r)
	if skip := (*verb.Skip)(nil); errors.As(err, &skip) {
		console.Skipped(skip)
		err = nil
	}
	console.Summary(r.held, r.failed)
	if err == nil {
		err = out.err
	}
	_ = diag.Report(streams.Err, r.set, j.ErrColor, err)
	return r.exitCode(err)
}

// exitCode is that of a run that an error, or nothing, has ended.
func (r *run) exitCode(err error) int {
	skip := (*verb.Skip)(nil)
	if skipped := errors.As(err, &skip); (err == nil || skipped) && r.failed > 0 {
		return diag.ExitFailed
	} else if skipped {
		return diag.ExitOK
	}
	return diag.Report(io.Discard, r.set, false, err)
}

// newWarnings leaves out the warnings that the check has reported already.
type newWarnings struct {
	engine.Observer
	retries engine.RetryObserver
	set     *source.Set
	known   []string
}

// Warned shows what is new.
func (w *newWarnings) Warned(list diag.List) {
	keys := script.Keys(w.set, list)
	for i, d := range list {
		if !slices.Contains(w.known, keys[i]) {
			w.known = append(w.known, keys[i])
			w.Observer.Warned(diag.List{d})
		}
	}
}

// Tried passes on a try, if the observer is one of tries.
func (w *newWarnings) Tried(st *syntax.Statement, e verb.Expectation) {
	if w.retries != nil {
		w.retries.Tried(st, e)
	}
}
