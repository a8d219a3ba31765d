package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"nsl/runtime/labtest"
)

// promptScreen is a prompt on a terminal, with a home of its own.
func promptScreen(t *testing.T, env ...string) (s *screen, home string) {
	t.Helper()
	return promptScreenOf(t, 33, 111, env...)
}

// promptScreenOf is a prompt on a terminal of a size.
func promptScreenOf(t *testing.T, lines, columns uint16, env ...string) (s *screen, home string) {
	t.Helper()
	labtest.NeedSandbox(t)
	home = t.TempDir()
	cmd := nslCommand("HOME="+home, "--max-steps", "1000000")
	cmd.Dir = home
	cmd.Env = append(append(cmd.Env, "TERM=xterm", "NO_COLOR=1", "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "SHELL=/bin/sh"), env...)
	s = onTerminalOf(t, lines, columns, cmd)
	s.asks("nsl:0> ")
	return s, home
}

// lines are what the screen shows.
func (s *screen) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return drawn(s.text.String(), s.columns)
}

// asks waits until the last line of the screen is a prompt with nothing after it.
func (s *screen) asks(prompt string) {
	s.t.Helper()
	waitFor(s.t, func() string {
		lines := s.lines()
		if strings.TrimSpace(lines[len(lines)-1]) == strings.TrimSpace(prompt) {
			return ""
		}
		return fmt.Sprintf("no prompt %q:\n%s", prompt, strings.Join(lines, "\n"))
	})
}

// answers types a line and waits for the prompt after its answer.
func (s *screen) answers(line, prompt string) {
	s.t.Helper()
	before := len(s.lines())
	s.types(line + "\r")
	waitFor(s.t, func() string {
		if len(s.lines()) > before {
			return ""
		}
		return "nothing was answered to " + line
	})
	s.asks(prompt)
}

// runs waits until a statement runs: the terminal handles Ctrl-C itself then.
func (s *screen) runs() {
	s.t.Helper()
	waitFor(s.t, func() string {
		if m, err := unix.IoctlGetTermios(int(s.pty.Fd()), unix.TCGETS); err == nil && m.Lflag&unix.ISIG != 0 {
			return ""
		}
		return "no statement runs"
	})
}

var (
	times = regexp.MustCompile(`\b[0-9.]+ (µs|ms|s)\b`)
	// notBegun is what Ctrl-C is answered with on a busy machine, where the statement has not begun.
	notBegun = regexp.MustCompile(`(?m)^interrupted; nothing was done from here on$`)
	versions = regexp.MustCompile(`^nsl \S+:`)
)

// TestSession types a whole session, and compares what the screen shows in the
// end; NSL_UPDATE renews it. The script that it saves builds the same lab.
func TestSession(t *testing.T) {
	s, home := promptScreen(t)
	s.answers("ns red blue", "nsl:2> ")
	s.types("lin\tred<->b\t\r")
	s.shows("192.168.15.1/24 <-> ")
	s.asks("nsl:2> ")
	s.answers("expect addr red 192.168.15.1/24", "nsl:2> ")
	s.answers("# three in a row", "nsl:2> ")
	s.answers("def row(a, b, c) {", "...")
	s.answers("  link $a <-> $b", "...")
	s.answers("  link $b <-> $c", "...")
	s.answers("}", "nsl:2> ")
	s.answers("ns x y z; row x y z", "nsl:5> ")
	s.answers("lnk red", "nsl:5> ")
	s.answers("link red <-> bleu", "nsl:5> ")
	s.types("expect ping red -> z within 60s\r")
	s.runs()
	s.types("\x03")
	s.shows("interrupted; ")
	s.asks("nsl:5> ")
	s.answers("bridge sw <red blue", "...")
	s.answers("x>", "nsl:5> ")
	s.answers("undo", "nsl:5> ")
	s.answers("route red default via 192.168.15.2", "nsl:5> ")
	s.answers("exec red sh -c 'cd / && exec ls -d etc'", "nsl:5> ")
	s.answers(" print secret", "nsl:5> ")
	s.answers("history 3", "nsl:5> ")
	s.answers("save lab.nsl", "nsl:5> ")
	s.answers("show", "nsl:5> ")
	s.answers("show routes", "nsl:5> ")
	s.types("exit\r")
	s.ends(0)
	compareScreen(t, "testdata/repl/session.screen", s.lines())

	kept, err := os.ReadFile(filepath.Join(home, ".local", "state", "nsl", "history"))
	if err != nil || !bytes.HasPrefix(kept, []byte("ns red blue\nlink red<->blue \n")) || bytes.Contains(kept, []byte("secret")) {
		t.Errorf("the history is %q, %v", kept, err)
	}
	buildsTheSame(t, filepath.Join(home, "lab.nsl"), s.lines())
}

// compareScreen holds a screen against a file.
func compareScreen(t *testing.T, name string, lines []string) {
	t.Helper()
	lines[0] = versions.ReplaceAllString(lines[0], "nsl VERSION:")
	all := notBegun.ReplaceAllString(strings.TrimRight(strings.Join(lines, "\n"), "\n")+"\n", "interrupted; the statement was undone")
	got := times.ReplaceAllString(all, "TIME")
	if os.Getenv("NSL_UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != got {
		t.Errorf("%v; the screen is\n%s\nwant\n%s", err, got, want)
	}
}

// buildsTheSame runs a saved script, and compares what it shows of the lab with
// what the prompt has shown.
func buildsTheSame(t *testing.T, script string, lines []string) {
	t.Helper()
	from := len(lines)
	for i, l := range lines {
		if strings.HasSuffix(l, "> show") {
			from = i + 1
		}
	}
	var want []string
	for _, l := range lines[from:] {
		if !strings.HasPrefix(l, "nsl:") && l != "" {
			want = append(want, l)
		}
	}
	f, err := os.OpenFile(script, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString("print marked\nshow\nshow routes\n")
	f.Close()
	out, err := nslCommand("X=", "run", script).CombinedOutput()
	_, shown, _ := strings.Cut(string(out), "marked\n")
	if got := strings.TrimSpace(shown); err != nil || len(want) < 10 || got != strings.Join(want, "\n") {
		t.Errorf("%v: the saved script makes\n%s\nwant\n%s", err, got, strings.Join(want, "\n"))
	}
}

// The prompt of a terminal that shows colours has them, and gives a hint after
// the cursor; Ctrl-D asks, and the terminal is as it was.
func TestColoursAndHints(t *testing.T) {
	s, _ := promptScreen(t, "NO_COLOR=")
	s.types("ns red")
	s.shows("\x1b[1;34mns\x1b[0m red")
	s.shows("\x1b7\x1b[2m")
	s.types("\r")
	s.asks("nsl:1> ")
	s.types("\x04")
	s.shows("the lab (1 node) ends with this prompt")
	s.types("n\r")
	s.asks("nsl:1> ")
	s.leaves()
	if m, err := unix.IoctlGetTermios(int(s.pty.Fd()), unix.TCGETS); err != nil || m.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal is left raw: %v", err)
	}
}

// A prompt whose inner process is killed leaves the terminal as it was, and nothing
// running; so does SIGTERM.
func TestPromptThatIsKilled(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGKILL, unix.SIGTERM} {
		own := token()
		s, _ := promptScreen(t, own)
		s.answers("ns red", "nsl:1> ")
		for _, pid := range withToken(own) {
			if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(name) == "nsl-lab\n" {
				_ = unix.Kill(pid, sig)
			}
		}
		_ = s.cmd.Wait()
		if m, err := unix.IoctlGetTermios(int(s.pty.Fd()), unix.TCGETS); err != nil || m.Lflag&unix.ECHO == 0 {
			t.Errorf("%v: the terminal is left raw: %v", sig, err)
		}
		waitFor(t, func() string {
			if left := withToken(own); len(left) > 0 {
				return fmt.Sprint("left: ", left)
			}
			return ""
		})
	}
}

// Files: the rc file is read, names below /tmp are reached, reset begins anew.
func TestFilesOfThePrompt(t *testing.T) {
	s, home := promptScreen(t)
	s.types("exit\r")
	s.ends(0)
	rc := filepath.Join(home, ".config", "nsl", "rc.nsl")
	if err := os.MkdirAll(filepath.Dir(rc), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rc, []byte("use std/lan\ndef two(a, b) { ns $a $b; link $a <-> $b }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere, err := os.MkdirTemp("/tmp", "nsl-prompt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(elsewhere) })
	cmd := nslCommand("HOME=" + home)
	cmd.Dir = home
	cmd.Env = append(cmd.Env, "TERM=xterm", "NO_COLOR=1", "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "NSL_HISTORY="+filepath.Join(elsewhere, "history"))
	s = onTerminal(t, cmd)
	s.asks("nsl:0> ")
	s.answers("two a b", "nsl:2> ")
	s.answers("save "+elsewhere+"/lab.nsl", "nsl:2> ")
	s.answers("reset", "nsl:0> ")
	s.answers("load "+elsewhere+"/la\t", "nsl:2> ")
	s.answers("expect ping a -> b", "nsl:2> ")
	s.types("\x10\x10\r") // Arrow up, twice: load again
	s.shows("there is already a node \"a\"")
	s.leaves()
	if _, err := os.Stat(filepath.Join(elsewhere, "history")); err != nil {
		t.Error(err)
	}
}

// A shell has a terminal of its own and a prompt that names the node; packets are
// shown while a line is typed; what is watched is shown again until Ctrl-C.
func TestShellTraceAndWatch(t *testing.T) {
	needProgram(t, "ping")
	needProgram(t, "ip")
	s, _ := promptScreen(t)
	s.answers("ns red", "nsl:1> ")
	s.types("sh red\r")
	s.shows("[red] ")
	s.types("stty size; ip link | grep -c ' veth'\r")
	s.shows("33 111")
	s.types("sh -c 'echo sle\"\"eps; exec sleep 1000'\r") // a shell at its prompt may not heed Ctrl-C yet
	s.shows("sleeps")
	s.types("\x03") // which throws away what was typed and not read yet
	s.shows("[red] ")
	s.types("exit 3\r")
	s.asks("nsl:1> ")
	s.answers("sh rde", "nsl:1> ")
	s.shows("did you mean \"red\"?")
	s.answers("trace on red:lo", "nsl:1> ")
	s.types("exec red ping -c1 -W1 127.0.0.1\r")
	s.shows("red:lo out  127.0.0.1 -> 127.0.0.1 icmp echo request")
	s.shows("red:lo in   127.0.0.1 -> 127.0.0.1 icmp echo reply")
	s.asks("nsl:1> ")
	s.types("spawn red ping -i 0.2 127.0.0.1\r")
	s.asks("nsl:1> ")
	s.types("link red")
	s.shows("echo reply")
	s.types(" <-> host\r") // the line that is typed is not disturbed
	s.shows("red:veth-red 192.168.15.1/24 <-> ")
	s.types("trace off\r")
	s.shows("trace stopped: red:lo")
	s.asks("nsl:1> ")
	s.answers("watch ns blue", "nsl:1> ")
	s.types("watch show addrs red\r")
	s.shows("192.168.15.1/24")
	s.shows("192.168.15.1/24")
	s.types("\x03")
	s.asks("nsl:1> ")
	s.leaves()
}

// Ctrl-Z stops the whole job, and fg gives the line back with its keys.
func TestPromptThatIsSuspended(t *testing.T) {
	labtest.NeedSandbox(t)
	needProgram(t, "bash")
	self, _ := os.Executable()
	cmd := exec.Command("bash", "--norc", "--noprofile", "-i")
	cmd.Env = append(os.Environ(), "PS1=shell: ", "TERM=xterm", "NO_COLOR=1", "NSL_HISTORY=", "HOME="+t.TempDir())
	s := onTerminal(t, cmd)
	s.shows("shell: ")
	s.types("exec -a nsl " + self + " & fg\r")
	s.shows("nsl:0> ")
	s.types("ns re\x1a")
	s.shows("Stopped")
	s.types("stty -a | grep -o ' icanon'; fg\r")
	s.shows(" icanon\r\n")
	s.shows("nsl:0> ns re")
	s.types("d\r")
	s.shows("node red")
	s.shows("nsl:1> ")
	s.types("\x04\x04")
	s.shows("shell: ")
	s.types("exit\r")
}

// BenchmarkPrompt is the time from the start to the prompt; it is to be less than
// 60 ms.
func BenchmarkPrompt(b *testing.B) {
	for b.Loop() {
		cmd := nslCommand("HOME="+b.TempDir(), "--max-steps", "1")
		promptOnce(b, cmd)
	}
	if each := b.Elapsed() / time.Duration(b.N); each > 60*time.Millisecond {
		b.Logf("%v is more than 60 ms", each)
	}
}

func promptOnce(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	f, err := pty.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	chunk := make([]byte, 4096)
	for !bytes.Contains(text, []byte("nsl:0>")) {
		n, err := f.Read(chunk)
		if err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		text = append(text, chunk[:n]...)
	}
	b.StopTimer()
	go func() { _, _ = io.Copy(io.Discard, f) }()
	_, _ = f.WriteString("\x04")
	_ = cmd.Wait()
	f.Close()
	b.StartTimer()
}
