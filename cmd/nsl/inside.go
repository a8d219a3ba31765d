package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/report"
	"nsl/runtime/sandbox"
	"nsl/stdlib"
)

// inside is main in the sandbox: it takes the job and runs the script.
func inside() int {
	in, err := sandbox.Child()
	if err != nil {
		return tell(os.Stderr, nil, false, err)
	}
	var j job
	if err := json.Unmarshal(in.Payload, &j); err != nil {
		return tell(os.Stderr, nil, false, err)
	}
	if j.Mode == modePrompt {
		return promptInside(in, j)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if j.Mode == modeDoctor {
		return tell(os.Stderr, nil, false, doctorInside(ctx))
	}
	if j.Mode == modeTest {
		return testInside(ctx, in.Events, j)
	}
	if j.Mode == modeKeep {
		return tell(os.Stderr, nil, false, keepInside(ctx, j.Name))
	}
	set := &source.Set{}
	tree := syntax.Split(set.Add(j.Name, j.Text))
	code, err := runLab(ctx, set, tree, j)
	if err != nil {
		return tell(os.Stderr, set, j.ErrColor, err)
	}
	return code
}

// runLab runs the statements on the kernel of this network namespace.
func runLab(ctx context.Context, set *source.Set, tree *syntax.Tree, j job) (code int, err error) {
	streams := verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	return consoled(set, j, streams, func(o engine.Observer) (counts, error) {
		return inLab(ctx, set, tree, j, o, streams)
	})
}

// consoled tells people what a run does, and returns its exit code.
func consoled(set *source.Set, j job, streams verb.Streams, run func(engine.Observer) (counts, error)) (code int, err error) {
	console := &report.Console{Out: streams.Out, Err: streams.Err, Verbose: j.Options.Verbose,
		Text: diag.Text{Set: set, Color: j.OutColor}}
	s, err := run(&newWarnings{told: j.Told, set: set, Observer: console})
	if skip := (*verb.Skip)(nil); errors.As(err, &skip) {
		console.Skipped(skip)
		err = nil
	}
	console.Summary(s.Held, s.Failed)
	if err == nil && s.Failed > 0 {
		code = exitFailed
	}
	return code, err
}

// counts are a session's expectations.
type counts struct{ Held, Failed int }

// inLab runs the statements in a lab that begins and ends with them, and returns
// what ended them.
func inLab(ctx context.Context, set *source.Set, tree *syntax.Tree, j job, o engine.Observer, streams verb.Streams) (counts, error) {
	if err := tree.Diags.Err(); err != nil {
		return counts{}, err
	}
	world, err := newHost(ctx)
	if err != nil {
		return counts{}, err
	}
	defer func() { _ = world.Close() }()
	return onWorld(ctx, world, set, tree, j, o, streams)
}

// onWorld runs the statements on a world that may be there before and after.
func onWorld(ctx context.Context, world engine.World, set *source.Set, tree *syntax.Tree, j job, o engine.Observer, streams verb.Streams) (counts, error) {
	if err := tree.Diags.Err(); err != nil {
		return counts{}, err
	}
	s := engine.NewSession(world, stdlib.Table(), o, streams)
	s.Select, s.NoSkip = j.Test.selected(), j.Test.NoSkip
	m := newModules(set)
	m.Texts, m.outside = j.Modules, false
	j.Options.Lang.known().apply(s.Interp, tree.File.Name, m)
	err := s.Run(ctx, tree.Statements)
	return counts{s.Held, s.Failed}, err
}

// newWarnings leaves out the warnings that the check has told already.
type newWarnings struct {
	engine.Observer
	engine.RetryObserver
	set  *source.Set
	told []string
}

// Warned shows what is new.
func (w *newWarnings) Warned(list diag.List) {
	keys := told(w.set, list)
	for i, d := range list {
		if !slices.Contains(w.told, keys[i]) {
			w.told = append(w.told, keys[i])
			w.Observer.Warned(diag.List{d})
		}
	}
}

// Tried is told to who wants to know.
func (w *newWarnings) Tried(st *syntax.Statement, e verb.Expectation) {
	if w.RetryObserver != nil {
		w.RetryObserver.Tried(st, e)
	}
}
