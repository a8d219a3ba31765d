package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// keyboard is the keys of a terminal until it is closed, or the keyboard. No read is under way
// after that: it would take keys of the programs that still run, and block their terminals.
type keyboard struct {
	tty *os.File
	// closed can be read when stop is closed.
	closed, stop *os.File
	ended        context.Context
	end          context.CancelFunc
}

func newKeyboard(tty *os.File) (keyboard, error) {
	closed, stop, err := os.Pipe()
	ended, end := context.WithCancel(context.Background())
	return keyboard{tty, closed, stop, ended, end}, err
}

// over reports whether no more keys come.
func (k keyboard) over() bool { return k.ended.Err() != nil }

// Read is for a terminal in raw mode, where the end of the keys is that of the terminal. It
// leaves out NUL, which Ctrl-Space sends and the library of the editor takes for the end.
func (k keyboard) Read(b []byte) (n int, err error) {
	for n == 0 && err == nil {
		n, err = k.next(b)
		n = copy(b, bytes.ReplaceAll(b[:n], []byte{0}, nil))
	}
	if err != nil {
		k.end()
	}
	return n, err
}

// next waits for keys and returns them. A terminal that was closed (EIO) has no more of them.
func (k keyboard) next(b []byte) (int, error) {
	wait := []unix.PollFd{{Fd: int32(k.tty.Fd()), Events: unix.POLLIN}, {Fd: int32(k.closed.Fd()), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(wait, -1); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if wait[1].Revents != 0 {
		return 0, io.EOF
	}
	n, err := k.tty.Read(b)
	if errors.Is(err, unix.EIO) {
		err = io.EOF
	}
	return n, err
}

// Close ends a Read that waits. Any goroutine may call it, and more than once.
func (k keyboard) Close() error {
	k.end()
	if err := k.stop.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
