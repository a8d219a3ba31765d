package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/host"
	"nsl/runtime/terminal"
)

// A lab on the machine that must be confirmed has a watch: a process that no terminal and no
// signal of one reaches, and that undoes the lab when its time is over. It ends the process
// that builds the lab, if need be.

// WatchCommand is the subcommand of that process.
const WatchCommand = "host-watch"

// hostWatch is the process, for the one that builds the lab.
type hostWatch struct {
	cmd   *exec.Cmd
	pipe  *os.File // whose other end notices the end of this process
	ended chan struct{}
}

// startWatch starts the watch of a lab, or returns nil if it stays in any case.
func startWatch(begun host.Record, within time.Duration) (*hostWatch, error) {
	if within == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	w := &hostWatch{cmd: exec.Command("/proc/self/exe", WatchCommand, begun.Mark, within.String()), pipe: ours, ended: make(chan struct{})}
	w.cmd.Args[0] = "nsl"
	w.cmd.Stdin = theirs
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ready, err := w.cmd.StdoutPipe()
	if err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	_, err = io.ReadFull(ready, make([]byte, 1))
	go func() {
		defer close(w.ended)
		_ = w.cmd.Wait() // it has no one to report to
	}()
	return w, err
}

// end ends the watch, unless it has a lab to undo.
func (w *hostWatch) end() {
	if w == nil {
		return
	}
	left, err := host.Find()
	if err == nil && left != nil {
		defer left.Close()
	}
	if err == nil && (left == nil || !left.Unconfirmed()) {
		_ = w.cmd.Process.Kill() // it may have ended by itself
		<-w.ended
	}
	_ = w.pipe.Close()
}

// confirm asks whether the lab is to stay. Without a terminal it says how to say so.
func (w *hostWatch) confirm(ctx context.Context, begun host.Record) error {
	if w == nil {
		return nil
	}
	until := begun.Until.Format(time.TimeOnly)
	if !terminal.Is(os.Stdin) {
		fmt.Fprintf(os.Stdout, "    keep it:       nsl confirm, else it is taken down at %s\n", until)
		return nil
	}
	fmt.Fprintf(os.Stdout, "keep it? It is taken down at %s. [y/N] ", until)
	answer := make(chan bool, 1)
	go func() {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		answer <- err == nil && terminal.Yes(line)
	}()
	keep := false
	select {
	case keep = <-answer:
	case <-ctx.Done():
	case <-w.ended:
		fmt.Fprintln(os.Stdout)
		if confirmedElsewhere(begun.Mark) {
			return nil
		}
		return notConfirmed("in time")
	}
	if keep {
		return onHost("nsl confirm", confirmed)
	}
	return errors.Join(onHost("nsl down --host", downHost), notConfirmed("by you"))
}

// confirmedElsewhere reports whether nsl confirm was typed in another session.
func confirmedElsewhere(mark string) bool {
	left, err := host.Find()
	if err != nil || left == nil {
		return false
	}
	defer left.Close()
	return left.Begun().Mark == mark && !left.Unconfirmed()
}

func notConfirmed(how string) error {
	return diag.List{diag.Errorf(diag.NotGranted, source.Span{}, "the lab was not confirmed %s: it was taken down", how).WithHelp("answer y, or: nsl confirm")}
}

// polling is how often a watch looks whether it is still needed, once the lab is built.
const polling = 200 * time.Millisecond

// WatchHost is the watch of the lab with a mark. The pipe on its standard input ends with the
// process that builds the lab. It returns the exit code.
func WatchHost(mark, within string) int {
	d, err := time.ParseDuration(within)
	if err != nil {
		return reported(err)
	}
	signal.Ignore(syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	builder := make(chan struct{})
	go func() {
		defer close(builder)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	_, _ = os.Stdout.Write([]byte{'\n'}) // now the builder may begin
	os.Stdout = os.Stderr                // that pipe ends with the builder
	select {                             // until then there is nothing to look at, but a journal that grows
	case <-ctx.Done():
	case <-builder:
	}
	for again := time.Tick(polling); ; <-again {
		over := ctx.Err() != nil
		left, err := host.Find()
		switch {
		case err != nil && !over:
			continue
		case err != nil:
			return reported(err)
		case left == nil || left.Begun().Mark != mark || !left.Unconfirmed():
			return diag.ExitOK
		}
		pid := left.Begun().PID
		unfinished := closed(builder) && !left.Built()
		_ = left.Close()
		if over || unfinished {
			undoUnconfirmed(pid, builder)
		}
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// undoUnconfirmed ends the process that builds the lab, and undoes what it has done.
func undoUnconfirmed(pid int, builder chan struct{}) {
	if !closed(builder) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		<-builder
	}
	_ = onHost("", func(left *host.Left) error {
		if left == nil || !left.Unconfirmed() {
			return nil
		}
		return undoHost(left, "is taken down")
	}) // another attempt follows
}
