package node

import (
	"context"
	"io"
	"os"

	"nsl/runtime/plan"
	"nsl/runtime/terminal"
)

// Exec runs a program inside a node, waits for it, and returns its exit code,
// 128 + signal when one ended it. The error is set when it could not start
// (exec.ErrNotFound, plan.ErrNoNode) or when ctx ended it. The program dies
// with this process.
//
// When its input is a terminal the program stays in this process's group, so
// that it may read it and gets Ctrl-C as well. Otherwise it gets a group of
// its own, which the end of ctx kills as a whole.
func (n *State) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error) {
	p, err := n.launch(ctx, node, launch{Program: plan.Program{Argv: argv}, Streams: s, group: !isTerminal(s.In)})
	if err != nil {
		return 0, err
	}
	exit, err = p.wait()
	if ctx.Err() != nil && err == nil {
		err = context.Cause(ctx)
	}
	return exit, err
}

// isTerminal reports whether the reader is a terminal.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && terminal.Is(f)
}
