package terminal

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Screen is the terminal on which those of programs are shown.
type Screen struct {
	In  *os.File
	Out io.Writer
	// Interrupt, if it is not nil, is called when the key of an interrupt is typed,
	// before the program gets it; a SIGINT to this process does not end the program.
	Interrupt func()
	// Suspend stops this process's group until it is to go on; nil is [Suspend].
	Suspend func()
	// Open makes a terminal for a program, master and slave; nil is [Open].
	Open func() (outer, inner *os.File, err error)
}

// Open makes a pseudo-terminal (pty(7)): what is read from and written to the master
// does not block the process. The caller closes both.
func Open() (outer, inner *os.File, err error) { return pty.Open() }

// terminal shows a pseudo-terminal on this process's own. While it does, the own
// one is raw: keys go to the other side, which knows what Ctrl-C means there.
type terminal struct {
	Screen
	// background: the own terminal is another process's, which gets the keys.
	background bool
	// outer is the master; when it is closed the kernel hangs up on the programs.
	outer, inner *os.File
	before       unix.Termios
	shown        chan struct{} // closed when there is no more to show
}

func newTerminal(s Screen) (*terminal, error) {
	if s.Open == nil {
		s.Open = Open
	}
	outer, inner, err := s.Open()
	if err != nil {
		return nil, err
	}
	t := &terminal{Screen: s, outer: outer, inner: inner, shown: make(chan struct{}), background: !foreground(s.In)}
	if err := t.prepare(); err != nil {
		return nil, errors.Join(err, outer.Close(), inner.Close())
	}
	return t, nil
}

func (t *terminal) prepare() error {
	// Go opens it without blocking, which the programs do not expect.
	if err := unix.SetNonblock(int(t.inner.Fd()), false); err != nil {
		return err
	}
	before, err := unix.IoctlGetTermios(int(t.In.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	t.before = *before
	// Keys that were set with stty, and the size.
	if err := unix.IoctlSetTermios(int(t.inner.Fd()), unix.TCSETS, before); err != nil {
		return err
	}
	if err := pty.InheritSize(t.In, t.outer); err != nil {
		return err
	}
	return t.raw()
}

// raw is cfmakeraw(3).
func (t *terminal) raw() error {
	if t.background {
		return nil
	}
	m := t.before
	m.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	m.Oflag &^= unix.OPOST
	m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	m.Cflag = m.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(int(t.In.Fd()), unix.TCSETS, &m)
}

// close hangs up and gives the own terminal back as it was.
func (t *terminal) close() error {
	t.inner.Close()
	t.outer.Close()
	if t.background {
		return nil
	}
	return os.NewSyscallError("tcsetattr", unix.IoctlSetTermios(int(t.In.Fd()), unix.TCSETSW, &t.before))
}

// Run gives a program a terminal of its own and shows it on this one, so that
// Ctrl-C and the like are the program's. run starts the program on inner, calls
// started, waits for the program's end and returns its exit code. A signal that
// asks this process to end hangs up. The error is run's, or says why there is no
// terminal.
func (s Screen) Run(run func(inner *os.File, started func()) (int, error)) (code int, err error) {
	t, err := newTerminal(s)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		code, err = run(t.inner, sync.OnceFunc(func() { close(begun) }))
		ended <- err
	}()
	return t.show(func() error {
		select {
		case <-begun:
			return nil
		case err := <-ended:
			ended <- err
			return err
		}
	}, func() (int, error) {
		err := <-ended
		return code, err
	})
}

// show starts a program and shows its terminal until it has ended.
func (t *terminal) show(start func() error, end func() (int, error)) (int, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if t.Interrupt == nil {
		signal.Notify(signals, syscall.SIGINT)
	}
	defer signal.Stop(signals)
	defer OnHangup(t.In, func() {
		select {
		case signals <- syscall.SIGHUP:
		default: // others end it
		}
	})()
	if err := start(); err != nil {
		return 0, err
	}
	// The program has it now; the last one that closes it ends what can be read.
	t.inner.Close()
	stop, err := t.connect()
	if err != nil {
		return 0, err
	}
	defer stop()
	type ended struct {
		code int
		err  error
	}
	done := make(chan ended, 1)
	go func() {
		code, err := end()
		done <- ended{code, err}
	}()
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGWINCH {
				return 128 + int(s.(syscall.Signal)), nil
			}
			// A size that cannot be set is no reason to end.
			_ = pty.InheritSize(t.In, t.outer)
		case e := <-done:
			t.drain()
			return e.code, e.err
		}
	}
}

// connect copies between the two terminals until stop is called.
func (t *terminal) connect() (stop func(), err error) {
	end, ending, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	typing := make(chan struct{})
	go func() {
		defer close(t.shown)
		_, _ = io.Copy(t.Out, t.outer)
	}()
	go func() {
		defer close(typing)
		if !t.background {
			t.keys(end)
		}
	}()
	return func() {
		ending.Close()
		t.outer.Close() // for a program that does not read what was typed
		<-typing
		end.Close()
	}, nil
}

// drain waits until all is shown. A program that was left running may hold the
// terminal on, and is not waited for.
func (t *terminal) drain() {
	select {
	case <-t.shown:
	case <-time.After(500 * time.Millisecond):
	}
}

// onOuter calls f with the master's descriptor, and leaves it as it is: a write
// to it must end when it is closed.
func (t *terminal) onOuter(f func(fd int) error) error {
	raw, err := t.outer.SyscallConn()
	if err != nil {
		return err
	}
	var errCall error
	err = raw.Control(func(fd uintptr) { errCall = f(int(fd)) })
	return errors.Join(err, errCall)
}
