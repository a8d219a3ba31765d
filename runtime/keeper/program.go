package keeper

import (
	"io"
	"os"

	"nsl/runtime/plan"
	"nsl/runtime/terminal"
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
	if terminal.Is(in) && terminal.Is(out) {
		return c.OnTerminal(do, x, in, out, errs)
	}
	dir, err := x.here()
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	r, err := c.Ask(do, x, in, out, errs, dir)
	return r.Code, err
}

// OnTerminal is Run for a program that gets a terminal of its own, which is shown on
// in and out; so are its errors, when errs is a terminal.
func (c *Conn) OnTerminal(do string, x Exec, in *os.File, out io.Writer, errs *os.File) (code int, err error) {
	dir, err := x.here()
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	x.Program.Terminal = true
	return terminal.Run(in, out, func(inner *os.File, started func()) (int, error) {
		if terminal.Is(errs) {
			errs = inner
		}
		if err := c.request(do, x, inner, inner, errs, dir); err != nil {
			return 0, c.lost(err)
		}
		started()
		r, err := c.reply()
		return r.Code, err
	})
}

// here gives the program this process's environment and directory, which the caller
// closes.
func (x *Exec) here() (dir *os.File, err error) {
	x.Program.Env = os.Environ()
	x.Program.Dir, _ = os.Getwd()
	return os.Open(".")
}
