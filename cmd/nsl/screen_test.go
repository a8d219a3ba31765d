package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
)

// screen is a terminal with a person before it.
type screen struct {
	t   *testing.T
	pty *os.File
	cmd *exec.Cmd
	// columns is the width of the terminal.
	columns int

	mu   sync.Mutex
	text strings.Builder
	from int // what was read before was waited for already
	// over is closed when no program has the terminal any more.
	over chan struct{}
}

// onTerminal starts a program on a terminal of 33 lines and 111 columns.
func onTerminal(t *testing.T, cmd *exec.Cmd) *screen {
	t.Helper()
	return onTerminalOf(t, 33, 111, cmd)
}

// onTerminalOf starts a program on a terminal of a size.
func onTerminalOf(t *testing.T, lines, columns uint16, cmd *exec.Cmd) *screen {
	t.Helper()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: lines, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, pty: f, cmd: cmd, columns: int(columns), over: make(chan struct{})}
	go s.read()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); f.Close() })
	return s
}

func (s *screen) read() {
	defer close(s.over)
	b := make([]byte, 4096)
	for {
		n, err := s.pty.Read(b)
		s.mu.Lock()
		s.text.Write(b[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) types(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// shows waits for a text after what was waited for before.
func (s *screen) shows(text string) {
	s.t.Helper()
	waitFor(s.t, func() string {
		s.mu.Lock()
		defer s.mu.Unlock()
		all := s.text.String()
		if i := strings.Index(all[s.from:], text); i >= 0 {
			s.from += i + len(text)
			return ""
		}
		return "the screen does not show " + text + " but:\n" + all[s.from:]
	})
}

// leaves types Ctrl-D at the prompt, and again where it asks whether the lab may go. Earlier
// keys would be the terminal's own, or a program's.
func (s *screen) leaves() {
	s.t.Helper()
	s.showsLast(atPrompt)
	s.types("\x04")
	s.showsLast(goes)
	select {
	case <-s.over:
	default:
		s.types("\x04")
	}
	s.ends(0)
}

// atPrompt is a prompt with nothing typed after it, goes the question whether to leave.
var (
	atPrompt = regexp.MustCompile(`^nsl:\d+> *$`)
	goes     = regexp.MustCompile(`\[y/N\]$`)
)

// showsLast waits until the last line of the screen matches, or the program has ended.
func (s *screen) showsLast(what *regexp.Regexp) {
	s.t.Helper()
	waitFor(s.t, func() string {
		select {
		case <-s.over:
			return ""
		default:
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		text := s.text.String()
		last := drawn(text[strings.LastIndex(text, "\n")+1:], s.columns) // the screens of other programs are before it
		if what.MatchString(last[len(last)-1]) {
			return ""
		}
		return fmt.Sprintf("no %s:\n%s", what, text)
	})
}

func (s *screen) ends(code int) {
	s.t.Helper()
	_ = s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.t.Errorf("exit code %d, want %d:\n%s", got, code, s.text.String())
	}
}
