package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/files"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// termGrace is how long a program may take to end after SIGTERM.
const termGrace = 2 * time.Second

// background is a program that runs as a service: a service.Handle.
type background struct {
	*process
	log *os.File
	// keeps is the log's name where a person chose it, "" else.
	keeps string
	// isFirst: it is process 1 of a PID namespace.
	isFirst bool
	closed  atomic.Bool
}

// spawn starts a program and waits until it is ready.
func (n *State) spawn(ctx context.Context, r *running, s plan.Program) (*background, error) {
	if err := n.kernel.Settle(ctx); err != nil {
		return nil, err
	}
	log, err := n.openLog(r, s)
	if err != nil {
		return nil, err
	}
	// Not ctx: the program outlives the statement that starts it.
	p, err := n.launchIn(context.Background(), r.Node, r.ns, launch{Program: s, Streams: plan.Streams{Out: log, Err: log}})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	b := &background{process: p, log: log, keeps: s.Log, isFirst: s.PIDNamespace}
	r.PID = p.pid()
	if err := b.ready(ctx, r.ns, s); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (n *State) openLog(r *running, s plan.Program) (*os.File, error) {
	const flag = os.O_RDWR | os.O_CREATE | os.O_TRUNC
	if s.Log != "" {
		log, err := n.opener().OpenFile(s.Log, flag, 0o666)
		if err != nil {
			return nil, plan.NewFileError(s.Log, err, false)
		}
		return log, nil
	}
	name, err := n.names.files.path(r.Node, r.ID+".log")
	if err != nil {
		return nil, err
	}
	return files.Own{}.OpenFile(name, flag, 0o666)
}

// Done is closed when the program has ended.
func (p *background) Done() <-chan struct{} { return p.done }

// Err reports how it ended, if that was by itself and not with exit code 0.
func (p *background) Err() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	cut := p.cut()
	switch code, err := p.wait(); {
	case p.closed.Load():
		return nil
	case cut != nil:
		return cut
	case err != nil:
		return err
	case code > 128:
		return fmt.Errorf("it was ended by signal %d (%s)", code-128, syscall.Signal(code-128))
	case code != 0:
		return fmt.Errorf("it ended with exit code %d", code)
	}
	return nil
}

// Close ends the program and what it started in its process group: SIGTERM, and
// after a while SIGKILL.
func (p *background) Close() error {
	p.closed.Store(true)
	if !p.deaf() {
		_ = unix.Kill(-p.pid(), unix.SIGTERM)
		grace := time.NewTimer(termGrace)
		defer grace.Stop()
		select {
		case <-p.done:
		case <-grace.C:
		}
	}
	_ = unix.Kill(-p.pid(), unix.SIGKILL) // what it left running, too
	<-p.done
	cut := p.cut()
	if err := p.log.Close(); !errors.Is(err, os.ErrClosed) {
		return errors.Join(cut, err)
	}
	return cut
}

// cut reports that the disk of a log which a person wants to keep is full. Programs write
// to the file themselves, so what is missing there, if anything, only they know.
func (p *background) cut() error {
	var disk unix.Statfs_t
	if p.keeps == "" || unix.Fstatfs(int(p.log.Fd()), &disk) != nil {
		return nil // or it is closed, and was looked at before
	}
	info, err := p.log.Stat()
	if err != nil || !info.Mode().IsRegular() || disk.Blocks == 0 || disk.Bavail > 0 {
		return nil
	}
	return plan.NewFileError(p.keeps, unix.ENOSPC, false)
}

// deaf reports whether SIGTERM would do nothing: process 1 of a PID namespace
// gets only the signals it has a handler for (pid_namespaces(7)).
func (p *background) deaf() bool {
	if !p.isFirst {
		return false
	}
	return !proc.Ended(p.pid()) && !proc.Handles(p.pid(), "SigCgt", unix.SIGTERM)
}

// runs reports whether the shell that mounts /proc has become the program, or
// ended. While a process takes its next program it has no arguments.
func (p *background) runs(argv []string) bool {
	now, ok := kernel.ReadProcess(p.pid())
	return !ok || slices.Equal(now.Argv, argv) || now.Argv[0] != "" && now.Argv[0] != "sh"
}

// readyInterval is the time between two looks at a program that is getting ready.
const readyInterval = 5 * time.Millisecond

// ready waits until the program listens where it is to.
func (p *background) ready(ctx context.Context, ns kernel.Namespace, s plan.Program) error {
	if s.PIDNamespace {
		err := p.until(ctx, plan.ReadyWait, time.Millisecond, func() bool { return p.runs(s.Argv) })
		if ctx.Err() != nil {
			return err
		}
	}
	if s.Ready.Port == 0 {
		return p.startedWell()
	}
	wait := cmp.Or(s.Wait, plan.ReadyWait)
	err := p.until(ctx, wait, readyInterval, func() bool { return listens(ns, s.Ready) })
	if errors.Is(err, errLate) {
		return p.notReady(fmt.Sprintf("it does not listen on %s after %s", s.Ready, wait))
	}
	return err
}

var errLate = errors.New("the time is up")

// until waits for a condition, at most as long as the program runs and ctx lasts.
func (p *background) until(ctx context.Context, wait, interval time.Duration, met func() bool) error {
	late := time.NewTimer(wait)
	defer late.Stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for !met() {
		select {
		case <-p.done:
			return p.notReady(p.how())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late.C:
			return errLate
		case <-tick.C:
		}
	}
	return nil
}

// firstLook is how long a program is watched that says nothing of its readiness:
// most mistakes in a command show at once.
const firstLook = 20 * time.Millisecond

func (p *background) startedWell() error {
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

// how says how an ended program ended.
func (p *background) how() string {
	if err := p.Err(); err != nil {
		return err.Error()
	}
	return "it ended with exit code 0"
}

func (p *background) notReady(what string) error {
	if cut := p.cut(); cut != nil {
		return cut
	}
	return &plan.NotReady{What: what, Printed: p.printed()}
}

// tail is how much of a log is shown (bytes).
const tail = 600

// printed is the end of what the program printed.
func (p *background) printed() string {
	info, err := p.log.Stat()
	if err != nil {
		return ""
	}
	b, _ := io.ReadAll(io.NewSectionReader(p.log, max(0, info.Size()-tail), tail))
	return string(b)
}

// listens reports whether a program listens on a port of the namespace.
func listens(ns kernel.Namespace, l plan.Listen) bool {
	sockets, err := ns.Sockets()
	return err == nil && slices.ContainsFunc(sockets, func(s plan.Socket) bool { return s.Is(l) })
}
