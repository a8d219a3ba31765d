package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// Programs that set the foreground process group, or take the whole screen, work at
// the prompt and give it back.
func TestInteractivePrograms(t *testing.T) {
	s, _ := promptScreen(t)
	s.answers("ns red", "nsl:1> ")
	usePrograms(t, s)
	s.leaves()
}

// So they do at the prompt of a running lab.
func TestInteractiveProgramsInARunningLab(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	s := onTerminal(t, nslCommand("X=", "repl", "lab"))
	s.asks("nsl:2> ")
	usePrograms(t, s)
	s.leaves()
}

func usePrograms(t *testing.T, s *screen) {
	t.Helper()
	prompt := s.lines()[len(s.lines())-1]
	for _, p := range []struct{ program, command, shows, keys string }{
		{"sh", "sh", "# ", "exit\r"},
		{"bash", "bash --norc", "# ", "set -o | grep monitor\rexit\r"},
		{"vim", "vim -u NONE -N", "~", ":q!\r"},
		{"less", "less /etc/passwd", "root:", "q"},
		{"top", "top", "PID", "q"},
		{"python3", "python3 -q", ">>> ", "exit()\r"},
		{"tcpdump", "tcpdump -n -i lo", "listening on lo", "\x03"},
		{"sleep", "sh -c 'echo sle''eps; exec sleep 1000'", "sleeps", "\x03"},
	} {
		if _, err := exec.LookPath(p.program); err != nil {
			t.Logf("%s is not installed", p.program)
			continue
		}
		s.types("exec red " + p.command + "\r")
		s.shows("\r\n")
		s.shows(p.shows)
		s.types(p.keys)
		s.shows(strings.TrimSpace(prompt))
	}
	s.types("exec red echo h''i\r")
	s.shows("hi\r\n")
	s.shows(strings.TrimSpace(prompt)) // until then the keys are the program's
	s.types("print \"it says $out.\"\r")
	s.shows("it says hi.")
	s.shows(strings.TrimSpace(prompt))
}

// Each example of the help succeeds when try does it in an empty lab.
func TestTryEachExample(t *testing.T) {
	t.Parallel()
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		for i, e := range v.Examples {
			t.Run(fmt.Sprintf("%s/%d", v.Name, i+1), func(t *testing.T) {
				t.Parallel()
				s, _ := promptScreenOf(t, 300, 111) // the help is not shown page by page
				topic := v.Name
				if table.Verb(topic) != v {
					topic = "expect " + topic
				}
				s.types("help " + topic + "\r")
				s.shows(fmt.Sprintf("try %d does it here", i+1))
				tries(s, i+1)
				screen := strings.Join(s.lines(), "\n")
				labtest.Needs(t, e.Needs, screen)
				if found := findings.FindString(screen); found != "" {
					t.Errorf("%s:\n%s", found, screen)
				}
			})
		}
	}
}

// tries does an example and waits for the prompt after it.
func tries(s *screen, n int) {
	s.t.Helper()
	waitFor(s.t, func() string {
		if lines := s.lines(); atPrompt.MatchString(lines[len(lines)-1]) {
			return ""
		}
		return "no prompt after the help"
	})
	before := len(s.lines())
	s.types(fmt.Sprintf("try %d\r", n))
	waitFor(s.t, func() string {
		if lines := s.lines(); len(lines) > before && atPrompt.MatchString(lines[len(lines)-1]) {
			return ""
		}
		return "no prompt after the example:\n" + strings.Join(s.lines(), "\n")
	})
}

// findings is the code of an error at the end of its line.
var findings = regexp.MustCompile(`(?m)\[NSL\d+\]$|^FAILED`)
