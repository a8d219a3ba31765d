package engine

import (
	"context"

	"nsl/runtime/plan"
)

// World is where ops happen: the kernel, or a model of it.
type World interface {
	plan.View
	// Apply does one op. An error is the kernel's own, so that errors.Is with a
	// syscall.Errno or one of plan's errors tells what it was.
	Apply(ctx context.Context, op plan.Op) error
	// Commit makes final what the ops since the last Commit took away: a
	// deleted namespace can be restored until then.
	Commit() error
	// Ping sends echo requests, all at once, and reports on each in order.
	Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error)
	// Connect asks services whether they answer, all at once, and reports on each
	// in order.
	Connect(ctx context.Context, requests []plan.Connect) ([]plan.ConnectReply, error)
	// Flows measures how much TCP brings from node to node, all at once, and reports
	// on each in order.
	Flows(ctx context.Context, flows []plan.Flow) ([]plan.FlowReply, error)
	// Lookup finds the addresses of a name as a program in a node would.
	Lookup(ctx context.Context, q plan.Lookup) (plan.LookupReply, error)
	// Exec runs a program inside a node, waits for it, and tells its exit code
	// (128 + signal when one ended it). The error is set when it could not start.
	Exec(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error)
	// Feature tries what a kernel may lack, one of plan.Features.
	Feature(ctx context.Context, name string) (plan.Feature, error)
	// Ended are the services that ended with an error of their own accord, and that
	// it has not told of before.
	Ended() []plan.Running
	// Close gives back what the world holds open; it does not undo anything.
	Close() error
}

// Prefetcher is a World that works faster when it knows what comes: it is told
// the ops of a statement before the first is applied, and none after the last.
type Prefetcher interface{ Prefetch(ops []plan.Op) }
