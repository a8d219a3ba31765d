package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// sbin is where administration programs are; an ordinary user's PATH lacks it.
const sbin = "/usr/local/sbin:/usr/sbin:/sbin"

// drainTimeout is how long output is read when a program has ended but has left
// others that hold its pipes.
const drainTimeout = 2 * time.Second

// launch is a program to start. It has a session and a process group of its own
// (setsid(2)); In is the controlling terminal when Terminal is set.
type launch struct {
	plan.Program
	plan.Streams
	// hangsUp: what it has left in its session ends with it, as with a terminal.
	hangsUp bool
	// own: the program is nsl itself, which is not confined.
	own bool
	// files are descriptors beyond the standard streams.
	files []*os.File
}

// process is a program that was started.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	// code and err are set when done is closed: the exit code, 128 + signal when
	// one ended it.
	code int
	err  error
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) wait() (int, error) {
	<-p.done
	return p.code, p.err
}

// launch starts a program inside a node. The error is exec.ErrNotFound,
// plan.ErrNoNode, or the kernel's.
func (n *State) launch(ctx context.Context, node string, l launch) (*process, error) {
	if err := n.kernel.Settle(ctx); err != nil {
		return nil, err
	}
	ns, err := n.kernel.Hold(node)
	if err != nil {
		return nil, err
	}
	defer func() { _ = ns.Close() }()
	return n.launchIn(ctx, node, ns, l)
}

// launchIn starts a program inside the namespace, with the node's own files in
// place. It is the one way to start a program in a node: on a thread that lives
// as long as the program does, for its parent-death signal comes with the end of
// the thread (prctl(2)).
func (n *State) launchIn(ctx context.Context, node string, ns kernel.Namespace, l launch) (*process, error) {
	cmd, err := l.command(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.kernel.ShareNames(); err != nil {
		return nil, err
	}
	m, err := n.mountFiles(node)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		err := ns.Start(func() error {
			if err := m.mount(); err != nil {
				return err
			}
			if err := n.prepare(node, l); err != nil {
				return err
			}
			if err := n.startBounded(cmd, l); err != nil {
				return err
			}
			started <- nil
			p.code, p.err = exitCode(cmd.Wait())
			return nil
		})
		// What the program may have changed.
		n.kernel.Changed()
		n.names.changed()
		if err != nil {
			started <- err
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// startBounded starts the program, and bounds what it takes.
func (n *State) startBounded(cmd *exec.Cmd, l launch) error {
	if err := cmd.Start(); err != nil || n.Bound == nil || l.own {
		return err
	}
	if err := n.Bound(cmd.Process.Pid); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	return nil
}

// prepare makes the calling thread one that starts this program. In the host,
// where networks are built by hand, programs administer, as does what mounts the
// /proc of its own PID namespace.
func (n *State) prepare(node string, l launch) error {
	if l.PIDNamespace {
		// The first process of the namespace is to be the program, not one by which
		// the os package finds out what the kernel has.
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Release()
		}
		if err := unix.Unshare(unix.CLONE_NEWPID); err != nil {
			return os.NewSyscallError("unshare", err)
		}
	}
	if n.Confine == nil || l.own {
		return nil
	}
	return n.Confine(node == plan.Host || l.PIDNamespace)
}

// pidScript mounts the /proc of a new PID namespace (proc(5)), which has to
// happen between fork and exec: the machine's shell and mount(8) do it.
const pidScript = `mount -t proc proc /proc 2>/dev/null; exec "$@"`

// command is what to start. The program dies with this process, and with ctx.
func (l launch) command(ctx context.Context) (*exec.Cmd, error) {
	if len(l.Argv) == 0 || l.Argv[0] == "" {
		return nil, fmt.Errorf("no command: %w", unix.EINVAL)
	}
	env := l.Env
	if env == nil {
		env = os.Environ()
	}
	path := searched(env)
	file, err := l.file(path)
	argv := l.Argv
	if err == nil && l.PIDNamespace {
		argv = append([]string{"sh", "-c", pidScript, "sh"}, argv...)
		file, err = lookPath("sh", path)
	}
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, file, argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Dir, cmd.Env = l.Dir, slices.Concat(env, []string{"PATH=" + path})
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = l.In, l.Out, l.Err, l.files
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true, Setctty: l.Terminal}
	cmd.Cancel, cmd.WaitDelay = func() error { return l.kill(cmd.Process) }, drainTimeout
	if l.hangsUp {
		cmd.WaitDelay = hangupGrace
	}
	return cmd, nil
}

// searched are the directories in which programs are looked for.
func searched(env []string) string { return proc.Getenv(env, "PATH") + ":" + sbin }

// kill ends what the program leads.
func (l launch) kill(p *os.Process) error {
	if l.hangsUp {
		signalSession(p.Pid, unix.SIGHUP, unix.SIGCONT)
		return nil
	}
	return unix.Kill(-p.Pid, unix.SIGKILL)
}

// file is the program's file, found in the directories of path.
func (l launch) file(path string) (string, error) {
	name := l.Argv[0]
	switch {
	case l.Path != "":
		return l.Path, nil
	case strings.Contains(name, "/") && name[0] != '/' && l.Dir != "":
		name = l.Dir + "/" + name
	}
	return lookPath(name, path)
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
