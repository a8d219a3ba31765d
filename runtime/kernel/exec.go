package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// sbin is where administration programs are; an ordinary user's PATH lacks it.
const sbin = "/usr/local/sbin:/usr/sbin:/sbin"

// drainTimeout is how long output is read on when a program has ended but has
// left others behind that hold its pipes.
const drainTimeout = 2 * time.Second

// run is the op: the exit code does not matter to it, only that the program ran.
func (w *World) run(ctx context.Context, o plan.Exec) error {
	_, err := w.Exec(ctx, o.Node, o.Argv, plan.Streams{})
	return err
}

// Exec runs a program inside a node, waits for it, and tells its exit code,
// 128 + signal when one ended it. The error is set when it could not start
// (exec.ErrNotFound, plan.ErrNoNode) or when ctx ended it. The program dies
// with this process.
//
// When its input is a terminal the program stays in this process's group, so
// that it may read it and gets Ctrl-C as well. Otherwise it gets a group of
// its own, which the end of ctx kills as a whole.
func (w *World) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (exit int, err error) {
	defer w.sys.forget()
	defer w.names.changed()
	if err := w.settle(ctx); err != nil {
		return 0, err
	}
	if len(argv) == 0 || argv[0] == "" {
		return 0, fmt.Errorf("no command: %w", unix.EINVAL)
	}
	cmd, err := command(ctx, argv, s)
	if err != nil {
		return 0, err
	}
	// The parent-death signal comes when the thread ends that started the
	// program (prctl(2)), so the thread waits for it as well.
	err = w.forProgram(node, func() error {
		if err := cmd.Start(); err != nil {
			return err
		}
		exit, err = exitCode(cmd.Wait())
		return err
	})
	if ctx.Err() != nil && err == nil {
		err = context.Cause(ctx)
	}
	return exit, err
}

func command(ctx context.Context, argv []string, s plan.Streams) (*exec.Cmd, error) {
	path := os.Getenv("PATH") + ":" + sbin
	file, err := lookPath(argv[0], path)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, file, argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Env = append(os.Environ(), "PATH="+path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.In, s.Out, s.Err
	cmd.WaitDelay = drainTimeout
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: !isTerminal(s.In)}
	cmd.Cancel = func() error {
		if cmd.SysProcAttr.Setpgid {
			return unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		}
		return cmd.Process.Kill()
	}
	return cmd, nil
}

// isTerminal reports whether the reader is a terminal (tcgetattr(3)).
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	// Not f.Fd(): that would make the file blocking.
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	err = raw.Control(func(fd uintptr) {
		_, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		terminal = err == nil
	})
	return err == nil && terminal
}

// lookPath finds a program as the shell does, in the directories of path.
func lookPath(name, path string) (string, error) {
	if strings.Contains(name, "/") {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
		}
		return name, nil
	}
	dirs := slices.DeleteFunc(filepath.SplitList(path), func(d string) bool { return !filepath.IsAbs(d) })
	for _, dir := range dirs {
		if file, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return file, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// exitCode reads what Wait returned.
func exitCode(err error) (int, error) {
	var ended *exec.ExitError
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return 0, nil
	}
	if !errors.As(err, &ended) {
		return 0, err
	}
	if st, ok := ended.Sys().(syscall.WaitStatus); ok && st.Signaled() {
		return 128 + int(st.Signal()), nil
	}
	return ended.ExitCode(), nil
}
