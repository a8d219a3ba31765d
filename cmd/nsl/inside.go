package main

import (
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if j.Mode == modeDoctor {
		return tell(os.Stderr, nil, false, doctorInside(ctx))
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
	if err := tree.Diags.Err(); err != nil {
		return 0, err
	}
	world, err := kernel.New()
	if err != nil {
		return 0, err
	}
	defer func() { _ = world.Close() }()
	if err := world.Apply(ctx, plan.Baseline{Node: plan.Host}); err != nil {
		return 0, diag.List{verb.Refused(source.Span{}, plan.Baseline{Node: plan.Host}, err)}
	}
	console := &warnOnce{told: j.Told, Console: report.Console{Out: os.Stdout, Err: os.Stderr, Verbose: j.Options.Verbose,
		Text: diag.Text{Set: set, Color: j.OutColor}}}
	s := engine.NewSession(world, stdlib.Table(), console, verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	m := newModules(set)
	m.Texts, m.outside = j.Modules, false
	j.Options.Lang.known().apply(s.Interp, tree.File.Name, m)
	err = s.Run(ctx, tree.Statements)
	console.Summary(s.Held, s.Failed)
	if err == nil && s.Failed > 0 {
		code = exitFailed
	}
	return code, err
}

// warnOnce leaves out the warnings that the check has told already.
type warnOnce struct {
	report.Console
	told []string
}

// Warned shows what is new.
func (w *warnOnce) Warned(list diag.List) {
	keys := told(w.Text.Set, list)
	for i, d := range list {
		if !slices.Contains(w.told, keys[i]) {
			w.told = append(w.told, keys[i])
			w.Console.Warned(diag.List{d})
		}
	}
}
