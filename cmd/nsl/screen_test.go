package main

import (
	"os"
	"os/exec"
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
	s := &screen{t: t, pty: f, cmd: cmd, columns: int(columns)}
	go s.read()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); f.Close() })
	return s
}

func (s *screen) read() {
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

func (s *screen) ends(code int) {
	s.t.Helper()
	_ = s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.t.Errorf("exit code %d, want %d:\n%s", got, code, s.text.String())
	}
}
