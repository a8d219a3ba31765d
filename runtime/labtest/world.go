package labtest

import (
	"context"
	"fmt"
	"slices"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// view is the part of the model that asks.
type view = model.Model

// World is a lab in memory, a model that keeps a readable log of what was done to
// it, fails where a test wants it to, and answers probes by following each packet
// through the model, there and back. It is for one goroutine at a time.
type World struct {
	*view
	// Run replaces the programs that are run; nil is a program that ends
	// at once, with exit code 0 and no output.
	Run func(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error)

	// Lacks are the features that this world's kernel has not, with their causes.
	Lacks map[string]string

	log    []string
	ops    int
	faults map[int]error
}

// NewWorld makes a world that holds a lab as a sandbox starts.
func NewWorld() *World { return WorldOn(model.New()) }

// WorldOn makes a world of a model, which it takes over.
func WorldOn(m *model.Model) *World { return &World{view: m, faults: map[int]error{}} }

// FailAt lets the op with that index fail with err, and without effect. The
// first op that is applied to the world has index 0.
func (w *World) FailAt(index int, err error) { w.faults[index] = err }

// Ops is how many ops were applied, those that failed included.
func (w *World) Ops() int { return w.ops }

// Log tells the ops that took effect: their shell commands or, where there are
// none, their object after "# ".
func (w *World) Log() []string { return slices.Clone(w.log) }

// Apply does one op to the model. Errors are those of model.Model.Apply, and
// what FailAt was given.
func (w *World) Apply(ctx context.Context, op plan.Op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	index := w.ops
	w.ops++
	if err, ok := w.faults[index]; ok {
		return fmt.Errorf("op %d, %s: %w", index, op.Effect().Object, err)
	}
	if err := w.apply(ctx, op); err != nil {
		return err
	}
	cmds := op.Commands()
	for _, c := range cmds {
		w.log = append(w.log, c.String())
	}
	if len(cmds) == 0 {
		w.log = append(w.log, "# "+op.Effect().Object)
	}
	return nil
}

// apply runs the program of an Exec; its exit code does not matter to the op.
func (w *World) apply(ctx context.Context, op plan.Op) error {
	if o, ok := op.(plan.Exec); ok {
		_, err := w.Exec(ctx, o.Node, o.Argv, plan.Streams{})
		return err
	}
	return w.view.Apply(op)
}

// Exec calls Run. Afterwards the model is uncertain: see model.Model.Uncertain.
func (w *World) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error) {
	if err := w.view.Apply(plan.Exec{Node: node, Argv: argv}); err != nil {
		return 0, err
	}
	if w.Run == nil {
		return 0, nil
	}
	return w.Run(ctx, node, argv, s)
}

// Installed reports whether Run replaces the programs: else there are none to read from.
func (w *World) Installed(string) bool { return w.Run != nil }

// Feature reports that everything is there but what Lacks names.
func (w *World) Feature(_ context.Context, name string) (plan.Feature, error) {
	cause, lacks := w.Lacks[name]
	return plan.Feature{Name: name, Have: !lacks, Cause: cause}, nil
}

// Close does nothing: a world in memory holds nothing open.
func (w *World) Close() error { return nil }
