package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// screen is a terminal with a person before it.
type screen struct {
	t   *testing.T
	pty *os.File
	cmd *exec.Cmd

	mu   sync.Mutex
	text strings.Builder
	from int // what was read before was waited for already
}

// onTerminal starts a program on a terminal of 33 lines and 111 columns.
func onTerminal(t *testing.T, cmd *exec.Cmd) *screen {
	t.Helper()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 33, Cols: 111})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, pty: f, cmd: cmd}
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

// shows waits for a text behind what was waited for before.
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
		s.t.Errorf("exit code %d, want %d", got, code)
	}
}

// needProgram skips a test that drives a program that is not installed.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
}

func TestShellOnATerminal(t *testing.T) {
	needProgram(t, "bash")
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("SHELL", "/bin/bash")
	t.Setenv("HOME", t.TempDir())
	own := token()
	s := onTerminal(t, nslCommand(own, "sh", "lab", "red"))
	s.shows("[lab red] ")
	s.types("stty size; tty\r")
	s.shows("33 111")
	s.shows("/dev/pts/")
	s.types("sleep 1000\r")
	asleep(t, own)
	s.types("\x1a") // Ctrl-Z: the job stops, as it would anywhere
	s.shows("Stopped")
	s.types("fg\r")
	asleep(t, own)
	s.types("\x03")
	s.shows("[lab red] ")
	s.types("echo again $?\r")
	s.shows("again 130")
	if err := pty.Setsize(s.pty, &pty.Winsize{Rows: 44, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	s.types("until stty size | grep -x '44 99'; do :; done\r")
	s.shows("44 99\r\n")
	s.types("exit 5\r")
	s.ends(5)
	if m, err := unix.IoctlGetTermios(int(s.pty.Fd()), unix.TCGETS); err != nil || m.Lflag&unix.ISIG == 0 {
		t.Errorf("the terminal is left raw: %v", err)
	}
}

// asleep waits until a sleep runs in the foreground.
func asleep(t *testing.T, token string) {
	t.Helper()
	waitFor(t, func() string {
		for _, pid := range sleeping(token) {
			if state, group, foreground := statOf(pid); state == "S" && group == foreground {
				return ""
			}
		}
		return "no sleep is in the foreground"
	})
}

// statOf is a process's state, its group, and the one in the foreground of its
// terminal (proc_pid_stat(5)).
func statOf(pid int) (state, group, foreground string) {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, _ := strings.Cut(string(stat), ") ")
	f := append(strings.Fields(rest), "", "", "", "", "", "")
	return f[0], f[2], f[5]
}

// The kernel itself hangs up when a client that has a terminal is killed.
func TestKilledShell(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("SHELL", "/bin/sh")
	own, other := token(), token()
	runsIn(t, other, "exec", "lab", "red", "sleep", "1000")
	s := onTerminal(t, nslCommand(own, "sh", "lab", "red"))
	s.shows("[lab red] ")
	s.types("sleep 1000 & sleep 1001 & sleep 1002\r")
	waitFor(t, func() string {
		if len(sleeping(own)) < 3 {
			return "the programs do not start"
		}
		return ""
	})
	_ = s.cmd.Process.Kill()
	waitFor(t, gone(own))
	// The same when the shell itself is killed; the client ends with it.
	s = onTerminal(t, nslCommand(own, "sh", "lab", "red"))
	s.shows("[lab red] ")
	s.types("echo shell=$$; sleep 1000 & sleep 1001\r")
	waitFor(t, func() string {
		if len(sleeping(own)) < 2 {
			return "the programs do not start"
		}
		return ""
	})
	_ = syscall.Kill(parentOf(sleeping(own)[0]), syscall.SIGKILL)
	s.ends(128 + 9)
	waitFor(t, gone(own))
	if len(sleeping(other)) != 1 {
		t.Error("the end of one client ended the program of another")
	}
}

func parentOf(pid int) int {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, _ := strings.Cut(string(stat), ") ")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0 0")[1])
	return n
}

// Ctrl-C is the program's; its last words are not lost, and its code comes back.
func TestProgramOnATerminal(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	s := onTerminal(t, nslCommand("X=", "exec", "lab", "red", "sh", "-c", "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.01; done"))
	s.shows("ready")
	s.types("\x03")
	s.shows("caught")
	s.ends(3)
	for range 20 {
		s := onTerminal(t, nslCommand("X=", "exec", "lab", "red", "sh", "-c", "seq 3000; echo the end"))
		s.shows("the end")
		s.ends(0)
	}
}

// Ctrl-Z stops program and client, as if the program ran where the client does.
func TestCtrlZStopsTheClientToo(t *testing.T) {
	needProgram(t, "bash")
	script := labHome(t)
	up(t, "X=", script, "lab")
	own := token()
	s := onTerminal(t, bashWithNSL(t, own))
	s.shows("outside> ")
	s.types("nsl exec lab red -- sh -c 'echo ready; sleep 1000'\r")
	s.shows("ready\r\n")
	s.types("\x1a")
	s.shows("Stopped")
	s.types("echo $((6*7))\r") // the terminal is the shell's again
	s.shows("42\r\n")
	for _, pid := range sleeping(own) {
		waitFor(t, func() string {
			if state, _, _ := statOf(pid); state != "T" {
				return "the program is not stopped but in state " + state
			}
			return ""
		})
	}
	s.types("fg\r")
	s.shows("sleep 1000'\r\n")
	waitFor(t, func() string {
		for _, pid := range sleeping(own) {
			if state, _, _ := statOf(pid); state == "T" {
				return "the program does not go on"
			}
		}
		return ""
	})
	s.types("\x03")
	s.shows("outside> ")
	s.types("exit\r")
}

// Tab in a real bash, with the script that nsl prints for it.
func TestBashCompletes(t *testing.T) {
	needProgram(t, "bash")
	script := labHome(t)
	up(t, "X=", script, "mylab")
	s := onTerminal(t, bashWithNSL(t, "X="))
	s.shows("outside> ")
	s.types("source <(nsl completion bash); cd " + filepath.Dir(script) + "; echo sourced $?\r")
	s.shows("sourced 0\r\n")
	s.types("nsl exec my\t")
	s.shows("mylab ")
	s.types("re\t")
	s.shows("red ")
	s.types("echo $((6*7))\r")
	s.shows("42\r\n")
	s.shows("outside> ") // what is typed before would be the program's
	s.types("nsl check l\t")
	s.shows("lab.nsl ")
	s.types("\rnsl compl\t")
	s.shows("completion ")
	s.types("\x03exit\r")
}

// bashWithNSL is a shell for a person, in which nsl is this program.
func bashWithNSL(t *testing.T, token string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, dir+"/nsl"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--norc", "--noprofile", "-i")
	cmd.Env = append(os.Environ(), token, "PS1=outside> ", "PATH="+dir+":"+os.Getenv("PATH"))
	return cmd
}

// Two prompts in one lab see each other's changes, servers too, and both leave
// it as it is.
func TestTwoPromptsInOneLab(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("HOME", t.TempDir())
	one, two := onTerminal(t, nslCommand("X=", "repl", "lab")), onTerminal(t, nslCommand("X=", "repl", "lab"))
	one.shows("the lab lab, 2 nodes.")
	one.shows("nsl:2>")
	two.shows("nsl:2>")
	one.types("ns green\r")
	one.shows("nsl:3>")
	one.types("link green <-> red 10.1.0.0/24\r")
	one.shows("green:veth-green 10.1.0.1/24 <-> red:")
	one.shows("nsl:3>")
	two.types("expect ping red -> green\r")
	two.shows("answers in ")
	two.shows("nsl:3>")
	two.types("serve http green\r")
	two.shows("HTTP server on port 80 in green")
	two.shows("nsl:3>")
	two.types("\x04")
	two.ends(0)
	one.types("expect http red -> http://green/\r")
	one.shows("answers 200 OK")
	one.shows("nsl:3>")
	one.types("exec red sh -c 'echo code $((6*7)); exit 5'\r")
	one.shows("code 42")
	one.shows("ended with exit code 5")
	one.shows("nsl:3>")
	one.types("delete green\r")
	one.shows("nsl:2>")
	one.types("undo\r") // a server that was deleted with its node comes back too
	one.shows("nsl:3>")
	one.types("expect http red -> http://green/\r")
	one.shows("answers 200 OK")
	one.shows("nsl:3>")
	one.types("\x04")
	one.ends(0)
	out, err := nslCommand("X=", "show", "lab", "services").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "green  http:80") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A prompt that is killed takes nothing along.
func TestKilledPrompt(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	t.Setenv("NSL_HISTORY", "")
	own := token()
	s := onTerminal(t, nslCommand(own, "repl", "lab"))
	s.shows("nsl:2>")
	s.types("serve http red\r")
	s.shows("HTTP server on port 80 in red")
	_ = s.cmd.Process.Kill()
	waitFor(t, gone(own))
	out, err := nslCommand("X=", "show", "lab", "services").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "runs") {
		t.Errorf("%v\n%s", err, out)
	}
}
