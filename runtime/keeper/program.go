package keeper

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// Exec asks a lab to run a program; its files are the three standard streams, and
// those of the caller's own.
type Exec struct {
	Node string
	// Program without Argv is the shell that its Env names. Its Env is added to what a
	// lab gets of this process's.
	Program plan.Program
	// Color turns on colours in nsl's own messages.
	Color bool
}

// Run runs a program in a lab, on these streams, and returns its exit code. When
// its input is a terminal, the program gets one of its own that this one shows:
// Ctrl-C and the like reach the program.
func (c *Conn) Run(do string, x Exec, in, out, errs *os.File, more ...*os.File) (code int, err error) {
	switch {
	case !terminal.Is(in):
		x.here()
		r, err := c.Ask(do, x, append([]*os.File{in, out, errs}, more...)...)
		return r.Code, err
	case !terminal.Is(out):
		return c.onTerminal(do, x, terminal.Screen{In: in, Out: in}, func(inner *os.File) []*os.File {
			return append([]*os.File{inner, out, innerOr(inner, errs)}, more...)
		})
	}
	return c.OnTerminal(do, x, in, out, errs, more...)
}

// OnTerminal is Run for a program that gets a terminal of its own, which is shown on
// in and out; so are its errors, when errs is a terminal.
func (c *Conn) OnTerminal(do string, x Exec, in *os.File, out io.Writer, errs *os.File, more ...*os.File) (code int, err error) {
	return c.onTerminal(do, x, terminal.Screen{In: in, Out: out}, func(inner *os.File) []*os.File {
		return append([]*os.File{inner, inner, innerOr(inner, errs)}, more...)
	})
}

func (c *Conn) onTerminal(do string, x Exec, s terminal.Screen, streams func(inner *os.File) []*os.File) (code int, err error) {
	x.here()
	x.Program.Terminal = true
	s.Open = c.openTerminal
	return s.Run(func(inner *os.File, started func()) (int, error) {
		if err := c.request(do, x, streams(inner)...); err != nil {
			return 0, c.lost(err)
		}
		started()
		r, err := c.reply()
		return r.Code, err
	})
}

// openTerminal asks the lab for a terminal.
func (c *Conn) openTerminal() (outer, inner *os.File, err error) {
	if err := c.request(doTerminal, nil); err != nil {
		return nil, nil, c.lost(err)
	}
	var r Reply
	files, err := c.receive(&r)
	if err == nil && len(files) != 2 {
		err = unix.EBADMSG
	}
	if err == nil {
		outer, err = notBlocking(files[0])
	}
	if err != nil {
		closeAll(files)
		return nil, nil, c.lost(err)
	}
	return outer, files[1], nil
}

// notBlocking takes a file over as one whose reads end when it is closed.
func notBlocking(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// innerOr is the program's own terminal instead of another one.
func innerOr(inner, f *os.File) *os.File {
	if terminal.Is(f) {
		return inner
	}
	return f
}

// here gives the program what a lab gets of this process's environment, and the name
// of its directory.
func (x *Exec) here() {
	x.Program.Env = append(sandbox.Environ(os.Environ()), x.Program.Env...)
	x.Program.Dir, _ = os.Getwd()
	// A directory that has no name in the lab is looked for here.
	x.Program.Env = append(slices.DeleteFunc(x.Program.Env, func(e string) bool { return strings.HasPrefix(e, "PWD=") }), "PWD="+x.Program.Dir)
}
