package lab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/report"
	"nsl/runtime/sandbox"
)

// Run runs a script in a sandbox of its own and returns its exit code. Checked
// makes the job while the sandbox is set up, on another processor; its error
// ends everything and is returned.
func Run(checked func() (Job, error)) (int, error) {
	return sandbox.Run(context.Background(), sandbox.Config{Args: []string{modeRun},
		Prepare: func() ([]byte, error) {
			j, err := checked()
			if err != nil {
				return nil, err
			}
			return json.Marshal(j)
		},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
}

func (s Setup) runInside(ctx context.Context, in *sandbox.Inside) (int, error) {
	j, err := payload[Job](in)
	if err != nil {
		return 0, err
	}
	return s.inConsole(j, verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, func(r *run) error {
		return r.inLab(ctx)
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
func (r *run) inLab(ctx context.Context) error {
	if err := r.tree.Diags.Err(); err != nil {
		return err
	}
	world, err := Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	return r.on(ctx, world)
}

// on runs the statements on a world, which may be there before and after. The
// error is what ended them.
func (r *run) on(ctx context.Context, world engine.World) error {
	if err := r.tree.Diags.Err(); err != nil {
		return err
	}
	s := engine.NewSession(world, r.Table, r.observer, r.streams)
	s.Select, s.NoSkip = r.selected, r.noSkip
	r.Options.Apply(s.Interp, r.Name, r.ModulesOf(r.set, r.Script))
	err := s.Run(ctx, r.tree.Statements)
	r.held, r.failed = s.Held, s.Failed
	return err
}

// inConsole reports to people what a job does, and returns its exit code.
func (s Setup) inConsole(j Job, streams verb.Streams, do func(*run) error) int {
	r := s.newRun(j.Script, streams)
	console := &report.Console{Out: streams.Out, Err: streams.Err, Verbose: j.Verbose,
		Text: diag.Text{Set: r.set, Color: j.OutColor}}
	r.observe(console)
	err := do(r)
	if skip := (*verb.Skip)(nil); errors.As(err, &skip) {
		console.Skipped(skip)
		err = nil
	}
	console.Summary(r.held, r.failed)
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
