package lab

import (
	"context"
	"os"
	"syscall"

	"nsl/runtime/node"
	"nsl/runtime/plan"
	"nsl/runtime/state"
	"nsl/runtime/terminal"
)

// promptedWorld is the world of a prompt in a sandbox: each program has a terminal of
// its own, which the prompt's shows. The prompt's own has a foreground process group
// (tcsetpgrp(3)) outside the sandbox, which no program in it could give back.
type promptedWorld struct {
	*World
	// pristine are the settings of a node in which nothing was changed.
	pristine state.Pristine
}

// Read reads the lab, with settings of its nodes.
func (w promptedWorld) Read(keys []string) (*state.Lab, error) {
	return state.Read(w.World, w.pristine, keys)
}

// Shell opens the user's shell in a node.
func (w promptedWorld) Shell(ctx context.Context, name string) (exit int, err error) {
	argv, env, err := shellOf("", name, os.Environ())
	if err != nil {
		return 0, err
	}
	return w.onTerminal(ctx, name, plan.Program{Argv: argv, Env: env}, plan.Streams{In: os.Stdin, Out: os.Stdout})
}

// Exec runs a program as [World] does.
func (w promptedWorld) Exec(ctx context.Context, name string, argv []string, s plan.Streams) (exit int, err error) {
	if _, ok := terminalOf(s); !ok {
		return w.World.Exec(ctx, name, argv, s)
	}
	return typedInterrupt(w.onTerminal(ctx, name, plan.Program{Argv: argv}, s))
}

func (w promptedWorld) onTerminal(ctx context.Context, name string, p plan.Program, s plan.Streams) (exit int, err error) {
	p.Terminal = true
	in, _ := terminalOf(s)
	return terminal.Screen{In: in, Out: s.Out, Suspend: w.Suspend}.Run(func(inner *os.File, started func()) (int, error) {
		return w.Session(ctx, name, p, plan.Streams{In: inner, Out: inner, Err: inner}, node.Watch{Started: func(int) { started() }})
	})
}

// terminalOf is the terminal that a program reads.
func terminalOf(s plan.Streams) (in *os.File, ok bool) {
	in, ok = s.In.(*os.File)
	return in, ok && terminal.Is(in)
}

// typedInterrupt makes an error of the end of a program by Ctrl-C, a key that went to
// the program alone.
func typedInterrupt(code int, err error) (int, error) {
	if err == nil && code == 128+int(syscall.SIGINT) {
		err = plan.ErrInterrupted
	}
	return code, err
}
