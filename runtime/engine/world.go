package engine

import (
	"io"

	"nsl/runtime/plan"
)

// World is where ops happen: the kernel, or a model of it. Close gives back what
// it holds open; it does not undo anything.
type World interface {
	plan.View
	plan.Applier
	plan.Prober
	plan.Runner
	io.Closer
}

// Prefetcher is a World that works faster when it knows what comes: it gets
// the ops of a statement before the first is applied, and none after the last.
type Prefetcher interface{ Prefetch(ops []plan.Op) }
