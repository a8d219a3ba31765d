package keeper

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Exec asks a lab to run a program; its files are the three standard streams and
// the directory it starts in.
type Exec struct {
	Node string
	// Program without Argv is the shell that its Env names.
	Program plan.Program
	// Color turns on colours in nsl's own messages.
	Color bool
}

// Run runs a program in a lab, on these streams, and returns its exit code. When
// its input and output are a terminal, the program gets one of its own that
// this one shows: Ctrl-C and the like reach the program.
func (c *Conn) Run(do string, x Exec, in, out, errs *os.File) (code int, err error) {
	x.Program.Env = os.Environ()
	x.Program.Dir, _ = os.Getwd()
	dir, err := os.Open(".")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	if !IsTerminal(in) || !IsTerminal(out) {
		r, err := c.Ask(do, x, in, out, errs, dir)
		return r.Code, err
	}
	t, err := newTerminal(in, out)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	x.Program.Terminal = true
	if IsTerminal(errs) {
		errs = t.inner
	}
	return t.attend(c, func() error { return c.request(do, x, t.inner, t.inner, errs, dir) })
}

// IsTerminal reports whether a file is a terminal (tcgetattr(3)).
func IsTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
