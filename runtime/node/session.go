package node

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// hangupGrace is how long the programs of a session have to end after SIGHUP.
const hangupGrace = time.Second

// Watch observes a program in a session of its own. Each func may be nil.
type Watch struct {
	// Started is called with its process ID, which is also that of its group and
	// session.
	Started func(pid int)
	// Own: the program is nsl itself, which is not confined.
	Own bool
	// Files are descriptors of the program's beyond the standard streams.
	Files []*os.File
	// Abandoned reports, once the program has ended, whether no one waits for it.
	Abandoned func() bool
}

// Session runs a program inside a node as Exec does, but in a session of its own
// (setsid(2)), apart from this process's terminal. What it leaves in its session
// goes on when it ended by itself. Otherwise, that is when a signal ended it, or
// ctx did, or it is abandoned, the session ends as with its terminal: every
// process gets SIGHUP, and after a second the last are killed.
func (n *State) Session(ctx context.Context, node string, program plan.Program, s plan.Streams, watch Watch) (exit int, err error) {
	own := shielded(s)
	if program.Terminal { // it was made for the program
		own.In, own.Out, own.Err = s.In, ownTerminal(s.Out, own.Out), ownTerminal(s.Err, own.Err)
	}
	p, err := n.launch(ctx, node, launch{Program: program, Streams: own, hangsUp: true, own: watch.Own, files: watch.Files})
	if err != nil {
		return 0, err
	}
	if watch.Started != nil {
		watch.Started(p.pid())
	}
	exit, err = p.wait()
	if state := p.cmd.ProcessState; ctx.Err() != nil || state == nil || !state.Exited() || watch.Abandoned != nil && watch.Abandoned() {
		hangUp(p.pid())
	}
	if ctx.Err() != nil {
		return exit, context.Cause(ctx)
	}
	return exit, err
}

// ownTerminal is a stream of a program that has a terminal of its own.
func ownTerminal(s, shielded io.Writer) io.Writer {
	if f := terminalOf(s); f != nil {
		return f
	}
	return shielded
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
	return slices.DeleteFunc(proc.PIDs(), func(pid int) bool {
		sid, err := unix.Getsid(pid)
		return err != nil || sid != leader || proc.Ended(pid)
	})
}
