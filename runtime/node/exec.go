package node

import (
	"context"
	"os"

	"nsl/runtime/plan"
)

// Exec runs a program inside a node, waits for it, and returns its exit code,
// 128 + signal when one ended it. The error is set when it could not start
// (exec.ErrNotFound, plan.ErrNoNode) or when ctx ended it. The program dies
// with this process.
//
// It has a session of its own, and never this process's terminal. When its input
// is a terminal it gets one of its own, which is shown there; Ctrl-C is typed to
// both. The end of ctx kills its process group as a whole.
func (n *State) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error) {
	program := plan.Program{Argv: argv}
	if in := terminalOf(s.In); in != nil {
		program.Terminal = true
		exit, err = n.screened(in, s, func(own plan.Streams, started func()) (int, error) {
			return n.exec(ctx, node, program, own, started)
		})
	} else {
		exit, err = n.exec(ctx, node, program, shielded(s), func() {})
	}
	if ctx.Err() != nil && err == nil {
		err = context.Cause(ctx)
	}
	return exit, err
}

// Installed reports whether Exec would find the program of that name.
func (*State) Installed(name string) bool { return Installed(name) }

// Installed reports whether a program is found where those of nodes are looked for.
func Installed(name string) bool {
	_, err := lookPath(name, searched(os.Environ()))
	return err == nil
}

func (n *State) exec(ctx context.Context, node string, program plan.Program, s plan.Streams, started func()) (int, error) {
	p, err := n.launch(ctx, node, launch{Program: program, Streams: s})
	if err != nil {
		return 0, err
	}
	started()
	return p.wait()
}
