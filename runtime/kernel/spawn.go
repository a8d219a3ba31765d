package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// grace is how long a program may take to end after SIGTERM.
const grace = 2 * time.Second

// process is a program that runs in the background: a service.Handle.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string

	mu     sync.Mutex
	closed bool
	err    error
}

// spawn starts a program and waits until it is ready.
func (w *World) spawn(ctx context.Context, r *running, s plan.Program) (*process, error) {
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	p := &process{done: make(chan struct{})}
	log, err := w.openLog(r, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the program has it
	p.log = log.Name()
	if p.cmd, err = program(s); err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.begin(w, r); err != nil {
		return nil, err
	}
	r.PID = p.cmd.Process.Pid
	if err := w.ready(ctx, r, s, p); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// program is the command to start. One in a PID namespace of its own sees the
// processes in there (proc(5)): the machine's shell and mount(8) arrange it, for
// it has to happen between fork and exec.
func program(s plan.Program) (*exec.Cmd, error) {
	cmd, err := command(context.Background(), s.Argv, plan.Streams{})
	if err == nil && s.PIDNamespace {
		const script = `mount -t proc proc /proc 2>/dev/null; exec "$@"`
		cmd, err = command(context.Background(), append([]string{"sh", "-c", script, "sh"}, s.Argv...), plan.Streams{})
	}
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr.Setpgid = true
	if s.PIDNamespace {
		cmd.SysProcAttr.Cloneflags = unix.CLONE_NEWPID | unix.CLONE_NEWNS
	}
	return cmd, nil
}

func (w *World) openLog(r *running, s plan.Program) (*os.File, error) {
	name := s.Log
	if name == "" {
		var err error
		if name, err = w.names.files.path(r.Node, r.ID+".log"); err != nil {
			return nil, err
		}
	}
	return os.Create(name)
}

// begin starts the program on a thread that lives as long as it does: its
// parent-death signal would come with the end of the thread (prctl(2)).
func (p *process) begin(w *World, r *running) error {
	w.mu.Lock()
	err := w.share()
	w.mu.Unlock()
	if err != nil {
		return err
	}
	m, err := w.mountFiles(r.Node)
	if err != nil {
		return err
	}
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		err := m.inside(r.ns, func() error {
			if err := p.cmd.Start(); err != nil {
				return err
			}
			started <- nil
			p.ended(exitCode(p.cmd.Wait()))
			return nil
		})
		if err != nil {
			started <- err
		}
	}()
	return <-started
}

// ended notes how the program ended by itself. To end well is no error.
func (p *process) ended(code int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
	case err != nil:
		p.err = err
	case code > 128:
		p.err = fmt.Errorf("it was ended by signal %d (%s)", code-128, syscall.Signal(code-128))
	case code != 0:
		p.err = fmt.Errorf("it ended with exit code %d", code)
	}
}

// Done is closed when the program has ended.
func (p *process) Done() <-chan struct{} { return p.done }

// Err says how it ended, if that was not well.
func (p *process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Close ends the program and what it started in its process group: SIGTERM, and
// after a while SIGKILL.
func (p *process) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	group := -p.cmd.Process.Pid
	if !p.deaf() {
		_ = unix.Kill(group, unix.SIGTERM)
		patience := time.NewTimer(grace)
		defer patience.Stop()
		select {
		case <-p.done:
		case <-patience.C:
		}
	}
	_ = unix.Kill(group, unix.SIGKILL) // what it left behind, too
	<-p.done
	return nil
}

// deaf reports whether SIGTERM would do nothing: process 1 of a PID namespace
// gets only the signals it has a handler for (pid_namespaces(7)).
func (p *process) deaf() bool {
	if p.cmd.SysProcAttr.Cloneflags&unix.CLONE_NEWPID == 0 {
		return false
	}
	caught, err := strconv.ParseUint(statusOf(p.cmd.Process.Pid, "SigCgt:"), 16, 64)
	return err == nil && caught&(1<<(unix.SIGTERM-1)) == 0
}

// inPlace waits until the shell that mounts /proc has become the program. While a
// process takes its next program it has no arguments.
func (p *process) inPlace(ctx context.Context, argv []string) error {
	deadline := time.Now().Add(plan.ReadyWait)
	for time.Now().Before(deadline) {
		now, ok := readProcess(p.cmd.Process.Pid)
		if !ok || slices.Equal(now.Argv, argv) || now.Argv[0] != "" && now.Argv[0] != "sh" {
			return nil
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// readyPause is the time between two looks at a program that is getting ready.
const readyPause = 5 * time.Millisecond

// ready waits until the program listens where it is to.
func (w *World) ready(ctx context.Context, r *running, s plan.Program, p *process) error {
	if s.PIDNamespace {
		if err := p.inPlace(ctx, s.Argv); err != nil {
			return err
		}
	}
	if s.Ready.Port == 0 {
		return p.startedWell()
	}
	wait := s.Wait
	if wait == 0 {
		wait = plan.ReadyWait
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	tick := time.NewTicker(readyPause)
	defer tick.Stop()
	for {
		if w.listens(r, s.Ready) {
			return nil
		}
		select {
		case <-p.done:
			return p.notReady(p.how())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late.C:
			return p.notReady(fmt.Sprintf("it does not listen on %s after %s", s.Ready, wait))
		case <-tick.C:
		}
	}
}

// firstLook is how long a program is watched that says nothing of its readiness:
// most mistakes in a command show at once.
const firstLook = 20 * time.Millisecond

func (p *process) startedWell() error {
	look := time.NewTimer(firstLook)
	defer look.Stop()
	select {
	case <-p.done:
		if p.Err() != nil {
			return p.notReady(p.how())
		}
	case <-look.C:
	}
	return nil
}

// how tells how a program ended that has.
func (p *process) how() string {
	if err := p.Err(); err != nil {
		return err.Error()
	}
	return "it ended with exit code 0"
}

func (p *process) notReady(what string) error {
	return &plan.NotReady{What: what, Printed: p.printed()}
}

// tail is how much of a log is told (bytes).
const tail = 600

// printed is the end of what the program printed.
func (p *process) printed() string {
	f, err := os.Open(p.log)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if st, err := f.Stat(); err == nil && st.Size() > tail {
		_, _ = f.Seek(-tail, io.SeekEnd)
	}
	b, _ := io.ReadAll(io.LimitReader(f, tail))
	return string(b)
}

// listens reports whether somebody listens on a port of the service's namespace.
func (w *World) listens(r *running, l plan.Listen) bool {
	var sockets []plan.Socket
	err := inside(r.ns, func() (err error) {
		sockets, err = readSockets()
		return err
	})
	for _, s := range sockets {
		if err == nil && s.Proto == l.Proto && int(s.Local.Port()) == l.Port {
			return true
		}
	}
	return false
}
