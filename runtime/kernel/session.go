package kernel

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Program is to run in a session of its own (setsid(2)), apart from this
// process's terminal.
type Program struct {
	Argv    []string
	Streams plan.Streams
	// Path is the file to run; empty is the one that Argv[0] finds in Env's PATH.
	Path string
	// Env is its environment; nil is this process's.
	Env []string
	// Dir is where it starts; empty is this process's directory.
	Dir string
	// Terminal makes Streams.In, a terminal that no session has, the session's
	// controlling one.
	Terminal bool
	// Started is told its process ID, which is also that of its group and session.
	Started func(pid int)
	// Abandoned is asked when the program has ended: nobody waits for it. nil is no.
	Abandoned func() bool
}

// hangupGrace is how long the programs of a session have to end after SIGHUP.
const hangupGrace = time.Second

// Session runs a program inside a node as Exec does. What it leaves behind in
// its session goes on when it ended by itself. Otherwise, that is when a signal
// ended it, or ctx did, or it is abandoned, the session ends as with its
// terminal: every process gets SIGHUP, and after a second the last are killed.
func (w *World) Session(ctx context.Context, node string, p Program) (exit int, err error) {
	defer w.sys.forget()
	defer w.names.changed()
	if err := w.settle(ctx); err != nil {
		return 0, err
	}
	if len(p.Argv) == 0 || p.Argv[0] == "" {
		return 0, fmt.Errorf("no command: %w", unix.EINVAL)
	}
	cmd, err := p.command(ctx)
	if err != nil {
		return 0, err
	}
	// As in Exec: the thread that starts it waits for it.
	err = w.forProgram(node, func() error {
		if err := cmd.Start(); err != nil {
			return err
		}
		if p.Started != nil {
			p.Started(cmd.Process.Pid)
		}
		exit, err = exitCode(cmd.Wait())
		return err
	})
	if cmd.ProcessState != nil && (ctx.Err() != nil || !cmd.ProcessState.Exited() || p.Abandoned != nil && p.Abandoned()) {
		hangUp(cmd.Process.Pid)
	}
	if ctx.Err() != nil {
		return exit, context.Cause(ctx)
	}
	return exit, err
}

func (p Program) command(ctx context.Context) (*exec.Cmd, error) {
	env := p.Env
	if env == nil {
		env = os.Environ()
	}
	path := valueOf(env, "PATH") + ":" + sbin
	name := p.Argv[0]
	if strings.Contains(name, "/") && name[0] != '/' && p.Dir != "" {
		name = p.Dir + "/" + name
	}
	file, err := p.Path, error(nil)
	if file == "" {
		file, err = lookPath(name, path)
	}
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, file, p.Argv[1:]...)
	cmd.Args[0] = p.Argv[0]
	cmd.Dir, cmd.Env = p.Dir, slices.Concat(env, []string{"PATH=" + path})
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.Streams.In, p.Streams.Out, p.Streams.Err
	cmd.WaitDelay = hangupGrace
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true, Setctty: p.Terminal}
	cmd.Cancel = func() error {
		signalSession(cmd.Process.Pid, unix.SIGHUP, unix.SIGCONT)
		return nil
	}
	return cmd, nil
}

// valueOf is a variable of an environment; the last one counts, as in os/exec.
func valueOf(env []string, name string) (value string) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// hangUp ends a session and waits until it is empty.
func hangUp(leader int) {
	signalSession(leader, unix.SIGHUP, unix.SIGCONT)
	deadline := time.Now().Add(hangupGrace)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for len(session(leader)) > 0 {
		if time.Now().After(deadline) {
			signalSession(leader, unix.SIGKILL)
		}
		<-tick.C
	}
}

// signalSession sends signals to every process of a session. They may be gone
// by then.
func signalSession(leader int, signals ...unix.Signal) {
	for _, s := range signals {
		_ = unix.Kill(-leader, s)
		for _, pid := range session(leader) {
			_ = unix.Kill(pid, s)
		}
	}
}

// session are the processes of a session that have not ended.
func session(leader int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if sid, err := unix.Getsid(pid); err == nil && sid == leader && !ended(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// ended reports whether nothing but the exit code of a process is left (state Z
// or X, proc_pid_stat(5); the name before it may hold anything).
func ended(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true
	}
	rest := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	return len(rest) > 1 && (rest[1] == 'Z' || rest[1] == 'X')
}
