package node

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/terminal"
)

// shielded are streams without a way back to the files of the person who runs
// nsl. A program can open its own descriptors again, for reading or writing
// (proc_pid_fd(5)), and type into its terminal (TIOCSTI): so it gets neither a
// file nor a terminal of the person's, but a pipe.
func shielded(s plan.Streams) plan.Streams {
	if f, ok := s.In.(*os.File); ok && isFile(f) {
		s.In = &pipeIn{f}
	}
	out := s.Out
	s.Out = shieldOut(s.Out)
	if s.Err == out {
		s.Err = s.Out // os/exec gives one writer one pipe
	} else {
		s.Err = shieldOut(s.Err)
	}
	return s
}

// pipeIn and pipeOut are what os/exec does not take for files.
type pipeIn struct{ io.Reader }
type pipeOut struct{ io.Writer }

func shieldOut(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && (isFile(f) || terminal.Is(f)) {
		return &pipeOut{f}
	}
	return w
}

// isFile reports whether f has a content of its own: it is no pipe, socket or
// device.
func isFile(f *os.File) bool {
	info, err := f.Stat()
	return err != nil || info.Mode().IsRegular() || info.IsDir() || info.Mode()&os.ModeDevice != 0 && info.Mode()&os.ModeCharDevice == 0
}

// screened runs a program that reads from a terminal: it gets one of its own, which
// is shown on that. What else is a terminal is the same one.
func (n *State) screened(in *os.File, s plan.Streams, run func(plan.Streams, func()) (int, error)) (int, error) {
	screen := terminal.Screen{In: in, Out: in, Suspend: n.Suspend,
		// Ctrl-C is meant for the statement too.
		Interrupt: func() { _ = unix.Kill(unix.Getpid(), unix.SIGINT) }}
	if f := terminalOf(s.Out); f != nil {
		screen.Out = f
	}
	return screen.Run(func(inner *os.File, started func()) (int, error) {
		own := shielded(s)
		own.In = inner
		if terminalOf(s.Out) != nil {
			own.Out = inner
		}
		if terminalOf(s.Err) != nil {
			own.Err = inner
		}
		return run(own, started)
	})
}

// terminalOf is the terminal that a stream is, or nil.
func terminalOf(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && terminal.Is(f) {
		return f
	}
	return nil
}
