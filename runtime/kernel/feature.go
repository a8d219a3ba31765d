package kernel

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Feature tries one of plan.Features, as [Features] tries all. The error is that
// of the trial's own set-up, or says that there is no feature of that name.
func (*World) Feature(ctx context.Context, name string) (f plan.Feature, err error) {
	for _, t := range trials() {
		if t.Name != name {
			continue
		}
		err := onBench(func(b *bench) error {
			f = t.verdict(b, lookForCauses(os.DirFS("/")))
			return ctx.Err()
		})
		return f, err
	}
	return f, fmt.Errorf("%w: no feature is called %q", unix.EINVAL, name)
}

// onBench runs f on a bench of its own, in a new network namespace.
func onBench(f func(b *bench) error) error {
	return inNew(func(ns Namespace) error {
		defer func() { _ = ns.Close() }()
		b, err := newBench()
		if err != nil {
			return err
		}
		defer b.nl.Close()
		defer func() { _ = b.close() }()
		return f(b)
	})
}
