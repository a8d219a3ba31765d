package repl

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/terminal"
)

// plainEditor is an Editor for a terminal that knows no escape sequences (TERM=dumb):
// the kernel edits the line, as it does for cat (termios(3), canonical mode).
type plainEditor struct {
	t     Terminal
	saved unix.Termios
	typed keyboard
}

// newPlainEditor opens such a terminal. Ctrl-C and Ctrl-Z end a line, so that they are
// read in their place among the keys, and are no signals until a statement runs.
func newPlainEditor(t Terminal) (Editor, io.Writer, error) {
	saved, err := unix.IoctlGetTermios(int(t.In.Fd()), unix.TCGETS)
	if err != nil {
		return nil, nil, err
	}
	typed, err := newKeyboard(t.In)
	if err != nil {
		return nil, nil, err
	}
	if t.Suspend == nil {
		t.Suspend = terminal.Suspend
	}
	return &plainEditor{t, *saved, typed}, t.Out, nil
}

// Read asks for one line. A terminal that was closed (EIO) has no more of them.
func (e *plainEditor) Read(p Prompt) (string, error) {
	line, err := e.ask(p)
	if e.typed.over() || errors.Is(err, unix.EIO) {
		return "", io.EOF
	}
	return line, err
}

func (e *plainEditor) ask(p Prompt) (string, error) {
	if err := e.keys(true); err != nil {
		return "", err
	}
	defer func() { _ = e.keys(false) }()
	for {
		if _, err := e.t.Out.WriteString(p.Text); err != nil {
			return "", err
		}
		line, err := e.line()
		if e.t.Typed != nil {
			e.t.Typed()
		}
		last := byte(0)
		if len(line) > 0 {
			last = line[len(line)-1]
		}
		if last != '\n' {
			_, _ = e.t.Out.WriteString("\n")
		}
		switch {
		case last == keyInterrupt:
			return "", ErrInterrupt
		case last == keySuspend:
			e.suspend() // what was typed before it is dropped, as by the kernel
		default:
			return strings.TrimRight(line, "\r\n"), err
		}
	}
}

func (e *plainEditor) suspend() {
	// A terminal that cannot be restored is left as it is.
	if e.keys(false) == nil {
		e.t.Suspend()
	}
	_ = e.keys(true)
}

// keys makes Ctrl-C and Ctrl-Z keys that end a line, or signals again.
func (e *plainEditor) keys(asKeys bool) error {
	m := e.saved
	if asKeys {
		m.Lflag = m.Lflag&^unix.ISIG | unix.ICANON | unix.ECHO
		m.Cc[unix.VEOL], m.Cc[unix.VEOL2] = keyInterrupt, keySuspend
	}
	return unix.IoctlSetTermios(int(e.t.In.Fd()), unix.TCSETS, &m)
}

// line reads a line with its end; the kernel returns no more than one.
func (e *plainEditor) line() (string, error) {
	b := make([]byte, 4096) // N_TTY_BUF_SIZE
	n, err := e.typed.next(b)
	return string(b[:n]), err
}

// Remember keeps an input for the sessions to come.
func (e *plainEditor) Remember(line string) { e.t.History.Add(line) }

// Close gives the terminal back, and ends a Read that waits.
func (e *plainEditor) Close() error { return errors.Join(e.keys(false), e.typed.Close()) }
