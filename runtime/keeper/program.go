package keeper

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Program asks a lab to run a program; its files are the three standard streams
// and the directory it starts in.
type Program struct {
	Node string
	// Argv is the command; empty for the shell that Env names.
	Argv []string
	Env  []string
	// Dir is the name of the directory it starts in.
	Dir string
	// Terminal: the streams are a terminal that nobody else controls.
	Terminal bool
	// Color turns on colours in what nsl itself has to say.
	Color bool
}

// Run runs a program in a lab, on these streams, and returns its exit code. When
// its input and output are a terminal, the program gets one of its own that
// this one shows: Ctrl-C and the like reach the program.
func (c *Conn) Run(do string, p Program, in, out, errs *os.File) (code int, err error) {
	p.Env = os.Environ()
	p.Dir, _ = os.Getwd()
	dir, err := os.Open(".")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	if !IsTerminal(in) || !IsTerminal(out) {
		r, err := c.Ask(do, p, in, out, errs, dir)
		return r.Code, err
	}
	t, err := newTerminal(in, out)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	p.Terminal = true
	if IsTerminal(errs) {
		errs = t.inner
	}
	return t.attend(c, func() error { return c.request(do, p, t.inner, t.inner, errs, dir) })
}

// IsTerminal reports whether a file is a terminal (tcgetattr(3)).
func IsTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
