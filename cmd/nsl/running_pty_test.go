package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

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

// A name that is typed at the prompt of a running lab is opened outside, where the prompt
// was started, and the lab has it; a file that is there is replaced after a question only.
func TestTypedNamesAreConsentInARunningLab(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	home := t.TempDir()
	written(t, home, map[string]string{"old.pcapng": "old", "pages/a.txt": "the page", "mod.nsl": "def steal() { capture red:lo \"stolen.pcapng\" }\n"})
	// A lab that root runs is another user.
	if err := errors.Join(os.Chmod(home+"/pages", 0o755), os.Chmod(home+"/pages/a.txt", 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NSL_HISTORY", "")
	t.Setenv("HOME", t.TempDir())
	cmd := nslCommand("X=", "repl", "lab")
	cmd.Dir = home
	s := onTerminal(t, cmd)
	s.asks("nsl:2> ")
	s.answers("capture red:lo \"new.pcapng\"", "nsl:2> ")
	s.answers("serve http red:8081 dir \"pages\"", "nsl:2> ")
	s.types("expect http red -> http://red:8081/a.txt body contains \"the page\"\r")
	s.shows("answers 200")
	s.asks("nsl:2> ")
	s.answers("spawn red --log \"out.log\" sh -c 'echo logged; exec sleep 1000'", "nsl:2> ")
	s.answers("kill capture", "nsl:2> ")
	s.types("capture red:lo \"old.pcapng\"\r")
	s.shows("old.pcapng is there already. Replace it? [y/N]")
	s.types("n\r")
	s.shows("old.pcapng cannot be written")
	s.asks("nsl:2> ")
	s.answers("use \"mod.nsl\"", "nsl:2> ")
	s.types("steal\r")
	s.shows("stolen.pcapng cannot be written")
	s.asks("nsl:2> ")
	s.leaves()
	waitFor(t, func() string {
		text, _ := os.ReadFile(home + "/out.log")
		if string(text) != "logged\n" {
			return "the log has " + strconv.Quote(string(text))
		}
		return ""
	})
	if text, err := os.ReadFile(home + "/new.pcapng"); err != nil || len(text) < 100 {
		t.Errorf("new.pcapng has %d bytes: %v", len(text), err)
	}
	if text, _ := os.ReadFile(home + "/old.pcapng"); string(text) != "old" {
		t.Errorf("old.pcapng was replaced: %q", text)
	}
	if _, err := os.Lstat(home + "/stolen.pcapng"); err == nil {
		t.Error("a module wrote a file")
	}
}
