package sandbox

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// listener is a sandbox whose child prints the signals it gets.
type listener struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

func listen(t *testing.T, before string) *listener {
	t.Helper()
	requireSandbox(t)
	binary, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	cmd := exec.Command("sh", "-c", before+"exec /proc/self/fd/3 supervise signals")
	cmd.ExtraFiles = []*os.File{binary}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	// What this process catches is not ignored by those it starts, even when it
	// was itself started by nohup(1) or in the background (execve(2)).
	caught := catchAll()
	defer signal.Stop(caught)
	if errIn != nil || errOut != nil || cmd.Start() != nil {
		t.Fatal("cannot start")
	}
	// Nothing the child has to say takes as long.
	if err := stdout.(*os.File).SetReadDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	l := &listener{t, cmd, stdin, bufio.NewScanner(stdout)}
	l.hears("ready")
	return l
}

func catchAll() chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	return c
}

// hears fails when the next line is another one.
func (l *listener) hears(want string) {
	l.t.Helper()
	if !l.lines.Scan() || l.lines.Text() != want {
		l.t.Fatalf("the child says %q, want %q", l.lines.Text(), want)
	}
}

func (l *listener) ends() {
	l.t.Helper()
	l.stdin.Close()
	if l.lines.Scan() {
		l.t.Errorf("the child adds %q", l.lines.Text())
	}
	if err := l.cmd.Wait(); err != nil {
		l.t.Error(err)
	}
}

func (l *listener) send(pid int, s syscall.Signal) {
	l.t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		l.t.Fatal(err)
	}
}

func TestSignalsToTheSupervisorReachTheChild(t *testing.T) {
	l := listen(t, "")
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		l.send(l.cmd.Process.Pid, s)
		l.hears(s.String())
	}
	l.ends()
}

func TestSignalsToTheGroupReachTheChildOnce(t *testing.T) {
	l := listen(t, "")
	l.send(-l.cmd.Process.Pid, syscall.SIGINT)
	l.hears("interrupt")
	// A repeated SIGINT would come before the second of these at the latest:
	// each waits in the relay as long as it would.
	for range 2 {
		l.send(l.cmd.Process.Pid, syscall.SIGTERM)
		l.hears("terminated")
	}
	l.ends()
}

func TestIgnoredSignalStaysIgnored(t *testing.T) {
	l := listen(t, "trap '' HUP; ")
	l.send(l.cmd.Process.Pid, syscall.SIGHUP)
	l.send(l.cmd.Process.Pid, syscall.SIGTERM)
	l.hears("terminated")
	l.ends()
}

func TestRelayTellsGroupFromSingle(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		own, told []time.Duration // when each hears SIGINT
		want      int
	}{
		"supervisor alone":         {nil, []time.Duration{0}, 1},
		"alone twice":              {nil, []time.Duration{0, 500 * ms}, 2},
		"group, init first":        {[]time.Duration{0}, []time.Duration{10 * ms}, 0},
		"group, supervisor first":  {[]time.Duration{10 * ms}, []time.Duration{0}, 0},
		"group, then alone":        {[]time.Duration{0}, []time.Duration{1 * ms, 500 * ms}, 1},
		"alone, then group":        {[]time.Duration{500 * ms}, []time.Duration{0, 501 * ms}, 1},
		"timeout(1): both at once": {[]time.Duration{1 * ms}, []time.Duration{0, 1 * ms}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			own, told, got := make(chan os.Signal), make(chan syscall.Signal), 0
			go relay(own, told, func(syscall.Signal) { got++ })
			for _, at := range c.own {
				time.AfterFunc(at, func() { own <- syscall.SIGINT })
			}
			for _, at := range c.told {
				time.AfterFunc(at, func() { told <- syscall.SIGINT })
			}
			<-time.After(time.Second) // of the bubble's own clock
			synctest.Wait()
			close(told)
			synctest.Wait()
			if got != c.want {
				t.Errorf("%s: delivered %d times, want %d", name, got, c.want)
			}
		})
	}
}

// openTerminal makes a pseudo-terminal (pty(7)).
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	return master, slave
}

// TestTerminal runs a sandbox as a job of an interactive shell: Ctrl-Z stops it
// all and gives the shell back, fg goes on, Ctrl-C reaches the child once.
func TestTerminal(t *testing.T) {
	requireSandbox(t)
	master, slave := openTerminal(t)
	binary, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	token := newToken(t)
	cmd := exec.Command("sh", "-m", "-c", `stty -echo -onlcr; /proc/self/fd/3 supervise signals; echo status $?; read line; fg >/dev/null; echo status $?`)
	cmd.Env = append(os.Environ(), token)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.ExtraFiles = []*os.File{binary}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	screen := bufio.NewScanner(master)
	shows := func(want string) {
		t.Helper()
		for screen.Scan() {
			if strings.Contains(screen.Text(), want) {
				return
			}
			t.Logf("screen: %q", screen.Text())
		}
		t.Fatalf("the screen never shows %q", want)
	}
	timer := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	key := func(k string) {
		t.Helper()
		if _, err := master.WriteString(k); err != nil {
			t.Fatal(err)
		}
	}
	shows("ready")
	key("\x1a")
	shows("status 148")
	for _, pid := range holding(token) {
		if role(pid) == childName && !eventually(func() bool { return stopped(pid) }) {
			t.Error("the child runs on while the shell has the terminal")
		}
	}
	key("\n")
	if !eventually(func() bool {
		for _, pid := range holding(token) {
			if role(pid) == childName {
				return !stopped(pid)
			}
		}
		return false
	}) {
		t.Fatal("fg does not continue the child")
	}
	key("\x03")
	shows("interrupt")
	key("\x04")
	shows("status 0")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func stopped(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, ok := strings.Cut(string(b), ") ")
	return err == nil && ok && after[0] == 'T'
}
