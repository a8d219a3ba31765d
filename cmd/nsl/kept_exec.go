package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// The exit codes of programs that could not be started are the shell's.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// exec runs a program for a client, with the client's streams.
func (l *living) exec(ctx context.Context, c *keeper.Call) keeper.Reply {
	var p keeper.Program
	if err := json.Unmarshal(c.Body, &p); err != nil || len(c.Files) != 4 {
		return keeper.Reply{Code: exitWrong}
	}
	code, err := l.program(ctx, p, c)
	if err != nil && ctx.Err() == nil {
		wrong := tell(c.Files[2], nil, p.Color, err)
		if code == 0 {
			code = wrong
		}
	}
	return keeper.Reply{Code: code}
}

func (l *living) program(ctx context.Context, p keeper.Program, c *keeper.Call) (code int, err error) {
	if err := l.unknownNode(p.Node); err != nil {
		return 0, err
	}
	argv, path, err := l.argv(c.Do, &p)
	if err != nil {
		return 0, err
	}
	what := c.Do + " " + p.Node + " " + plan.Command(argv).String()
	pid := 0
	code, err = l.world.Session(ctx, p.Node, kernel.Program{
		Argv: argv, Path: path, Env: p.Env, Dir: directory(p.Dir, c.Files[3]), Terminal: p.Terminal,
		Streams: plan.Streams{In: c.Files[0], Out: c.Files[1], Err: c.Files[2]},
		Started: func(n int) {
			pid = n
			l.began(pid, what)
			go pass(ctx, pid, c.Signals)
		},
		Abandoned: c.Abandoned,
	})
	if pid == 0 && err != nil {
		return notStarted(err), verb.Refused(source.Span{}, plan.Exec{Node: p.Node, Argv: argv}, err)
	}
	l.ended(pid, what, code, err)
	return code, err
}

// argv is the command, and its file where PATH has not to be asked.
func (l *living) argv(do string, p *keeper.Program) (argv []string, path string, err error) {
	switch {
	case do == doPrompt:
		return []string{"nsl", attachedName, l.name}, "/proc/self/exe", nil
	case len(p.Argv) == 0:
		argv, p.Env, err = shellOf(l.name, p.Node, p.Env)
		return argv, "", err
	}
	return p.Argv, "", nil
}

// notStarted is the shell's exit code for a program that could not be started.
func notStarted(err error) int {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return exitNotFound
	case errors.Is(err, fs.ErrPermission):
		return exitNotExecutable
	}
	return exitHeld
}

func (l *living) began(pid int, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.programs[pid] = what
	fmt.Fprintln(l.log, what)
}

func (l *living) ended(pid int, what string, code int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.programs, pid)
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

// directory is a name for the client's directory: its own where that means the
// same in the lab, which has a /tmp and a /run of its own.
func directory(name string, dir *os.File) string {
	there, err := os.Stat(name)
	theirs, errDir := dir.Stat()
	if err == nil && errDir == nil && os.SameFile(there, theirs) {
		return name
	}
	return "/proc/self/fd/" + strconv.Itoa(int(dir.Fd()))
}
