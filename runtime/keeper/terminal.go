package keeper

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal shows a pseudo-terminal on this process's own. While it does, the own
// one is raw: keys go to the other side, which knows what Ctrl-C means there.
type terminal struct {
	in, out *os.File
	// outer is the master; when it is closed the kernel hangs up on the programs.
	outer, inner *os.File
	before       unix.Termios
}

func newTerminal(in, out *os.File) (*terminal, error) {
	outer, inner, err := pty.Open()
	if err != nil {
		return nil, err
	}
	t := &terminal{in: in, out: out, outer: outer, inner: inner}
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
	before, err := unix.IoctlGetTermios(int(t.in.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	t.before = *before
	// Keys that were set with stty, and the size.
	if err := unix.IoctlSetTermios(int(t.inner.Fd()), unix.TCSETS, before); err != nil {
		return err
	}
	if err := pty.InheritSize(t.in, t.outer); err != nil {
		return err
	}
	return t.raw()
}

// raw is cfmakeraw(3).
func (t *terminal) raw() error {
	m := t.before
	m.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	m.Oflag &^= unix.OPOST
	m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	m.Cflag = m.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(int(t.in.Fd()), unix.TCSETS, &m)
}

// close hangs up and gives the own terminal back as it was.
func (t *terminal) close() error {
	t.inner.Close()
	t.outer.Close()
	return os.NewSyscallError("tcsetattr", unix.IoctlSetTermios(int(t.in.Fd()), unix.TCSETSW, &t.before))
}

// attend sends the request and shows the terminal until the reply comes. A
// signal that asks this process to end hangs up.
func (t *terminal) attend(c *Conn, request func() error) (int, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGINT)
	defer signal.Stop(signals)
	if err := request(); err != nil {
		return 0, c.lost(err)
	}
	// The lab has it now; the last one that closes it ends what can be read.
	t.inner.Close()
	shown := make(chan error, 1)
	go func() { _, err := io.Copy(t.out, t.outer); shown <- err }()
	go t.keys()
	replied, cancel := context.WithCancel(context.Background())
	var reply Reply
	var err error
	go func() {
		defer cancel()
		reply, err = c.reply()
	}()
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGWINCH {
				return 128 + int(s.(syscall.Signal)), nil
			}
			// A size that cannot be told is no reason to end.
			_ = pty.InheritSize(t.in, t.outer)
		case <-replied.Done():
			t.drain(shown)
			return reply.Code, err
		}
	}
}

// drain waits until all is shown. A program that was left behind may hold the
// terminal on, and is not waited for.
func (t *terminal) drain(shown <-chan error) {
	select {
	case <-shown:
	case <-time.After(500 * time.Millisecond):
	}
}
