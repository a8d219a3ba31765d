package plan

import "context"

// Applier does ops.
type Applier interface {
	// Apply does one op. An error is the kernel's own, so that errors.Is with a
	// syscall.Errno or one of plan's errors says what it was.
	Apply(ctx context.Context, op Op) error
	// Commit makes final what the ops since the last Commit took away: a
	// deleted namespace can be restored until then.
	Commit() error
}

// Prober finds out what only trying shows. Requests are made all at once, and
// each is reported on in order.
type Prober interface {
	// Ping sends echo requests.
	Ping(ctx context.Context, requests []Ping) ([]PingReply, error)
	// Connect asks services whether they answer.
	Connect(ctx context.Context, requests []Connect) ([]ConnectReply, error)
	// Flows measures how much TCP brings from node to node.
	Flows(ctx context.Context, flows []Flow) ([]FlowReply, error)
	// Lookup finds the addresses of a name as a program in a node would.
	Lookup(ctx context.Context, q Lookup) (LookupReply, error)
	// Feature tries what a kernel may lack, one of [Features].
	Feature(ctx context.Context, name string) (Feature, error)
}

// Runner runs programs.
type Runner interface {
	// Exec runs a program inside a node, waits for it, and returns its exit code
	// (128 + signal when one ended it). The error is set when it could not start.
	Exec(ctx context.Context, node string, argv []string, s Streams) (exit int, err error)
	// Installed reports whether Exec would find the program of that name.
	Installed(name string) bool
	// Ended are the services that ended with an error of their own accord, and that
	// it has not reported before.
	Ended() []Running
}
