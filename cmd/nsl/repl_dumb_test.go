package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A terminal that knows no escape sequences gets none, whatever is typed: Ctrl-C drops
// the line or stops the statement, Ctrl-D leaves.
func TestDumbTerminal(t *testing.T) {
	s, home := promptScreen(t, "TERM=dumb")
	s.types("ns red\r")
	s.shows("node red\r\n")
	s.asks("nsl:1> ")
	s.types("ns bl\x03")
	s.shows("^C\r\n")
	s.asks("nsl:1> ")
	s.types("bridge sw <red\r")
	s.asks("...")
	s.types("red> noaddr\r")
	s.shows("bridge")
	s.asks("nsl:1> ")
	s.types("lnk red\r")
	s.shows("did you mean \"link\"?")
	s.types("exec red sh -c 'echo h''i'\r")
	s.shows("hi\r\n")
	s.asks("nsl:1> ")
	s.types("expect ping red -> 10.9.9.9 within 60s\r")
	s.runs()
	s.types("\x03")
	s.shows("interrupted")
	s.asks("nsl:1> ")
	s.types("watch show addrs red\r")
	s.shows("every second")
	s.types("\x03")
	s.asks("nsl:1> ")
	s.types("help ns\r")
	s.shows("try 1 does it here")
	s.asks("nsl:1> ")
	s.types("\x04")
	s.shows("Leave? [y/N]")
	s.types("y\r")
	s.ends(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if text := s.text.String(); strings.Contains(text, "\x1b") {
		t.Errorf("there are escape sequences: %q", text)
	}
	if m, err := unix.IoctlGetTermios(int(s.pty.Fd()), unix.TCGETS); err != nil || m.Lflag&unix.ISIG == 0 || m.Cc[unix.VEOL] == 3 {
		t.Errorf("the terminal is not as it was: %v", err)
	}
	if kept, err := os.ReadFile(filepath.Join(home, ".local", "state", "nsl", "history")); err != nil || !strings.HasPrefix(string(kept), "ns red\nbridge sw <red red> noaddr\n") {
		t.Errorf("the history is %q, %v", kept, err)
	}
}
