package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/keeper"
	"nsl/runtime/node"
	"nsl/runtime/plan"
)

// The exit codes of programs that could not be started are the shell's.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// exec runs a program for a client, with the client's streams.
func (l *server) exec(ctx context.Context, c *keeper.Call) (int, error) {
	var x keeper.Exec
	if err := json.Unmarshal(c.Body, &x); err != nil || len(c.Files) < 3 {
		return 0, fmt.Errorf("%d files: %w", len(c.Files), errors.Join(err, errors.ErrUnsupported))
	}
	code, err := l.program(ctx, x, c)
	if err != nil && ctx.Err() == nil {
		wrong := diag.Report(c.Files[2], nil, x.Color, err)
		if code == 0 {
			code = wrong
		}
	}
	return code, nil
}

func (l *server) program(ctx context.Context, x keeper.Exec, c *keeper.Call) (code int, err error) {
	if err := l.unknownNode(x.Node); err != nil {
		return 0, err
	}
	p := x.Program
	p.Path = "" // not the client's to choose
	if err := l.complete(c.Do, x.Node, &p); err != nil {
		return 0, err
	}
	p.Dir = directory(p.Dir)
	what := c.Do + " " + x.Node + " " + plan.Command(p.Argv).String()
	pid := 0
	streams := plan.Streams{In: c.Files[0], Out: c.Files[1], Err: c.Files[2]}
	code, err = l.world.Session(ctx, x.Node, p, streams, node.Watch{
		Started: func(n int) {
			pid = n
			fmt.Fprintln(l.log, what)
			go pass(ctx, pid, c.Signals)
		},
		Own:       c.Do == doPrompt,
		Files:     c.Files[3:],
		Abandoned: c.Abandoned,
	})
	if pid == 0 && err != nil {
		return notStarted(err), verb.Refused(source.Span{}, plan.Exec{Node: x.Node, Argv: p.Argv}, err)
	}
	l.ended(what, code, err)
	return code, err
}

// complete sets the command where the client leaves it to the lab.
func (l *server) complete(do, node string, p *plan.Program) (err error) {
	switch {
	case do == doPrompt:
		p.Argv, p.Path = []string{"nsl", PromptCommand, l.name}, "/proc/self/exe"
	case len(p.Argv) == 0:
		p.Argv, p.Env, err = shellOf(l.name, node, p.Env)
	}
	return err
}

// notStarted is the shell's exit code for a program that could not be started.
func notStarted(err error) int {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return exitNotFound
	case errors.Is(err, fs.ErrPermission):
		return exitNotExecutable
	}
	return diag.ExitOK
}

func (l *server) ended(what string, code int, err error) {
	if err != nil {
		fmt.Fprintf(l.log, "%s: %v\n", what, err)
		return
	}
	fmt.Fprintf(l.log, "%s: exit code %d\n", what, code)
}

// pass hands a client's signals to its program.
func pass(ctx context.Context, pid int, signals <-chan syscall.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			_ = syscall.Kill(-pid, s)
		}
	}
}

// directory is where a client's program starts: in the client's directory, if the
// lab has it too, or in the lab's own.
func directory(name string) string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name
	}
	return ""
}
