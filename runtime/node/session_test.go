package node

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// output is a file that a program writes and a test reads.
func output(t *testing.T) (*os.File, func() string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, func() string {
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// A program in a session leads it, has the environment and directory it was
// given, and is in its node.
func TestSession(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	out, text := output(t)
	dir := t.TempDir()
	pid := 0
	code, err := w.Session(t.Context(), "red", plan.Program{
		Argv: []string{"sh", "-c", `echo $$ $(ps -o sid= -p $$) $WHO $(pwd); ls /sys/class/net; exit 7`},
		Env:  []string{"WHO=me", "PATH=" + os.Getenv("PATH")},
		Dir:  dir,
	}, plan.Streams{Out: out, Err: os.Stderr}, Watch{Started: func(n int) { pid = n }})
	if err != nil || code != 7 {
		t.Fatalf("%d %v", code, err)
	}
	words := strings.Fields(text())
	if len(words) < 4 || words[0] != words[1] || words[2] != "me" || words[3] != dir || pid == 0 {
		t.Errorf("%q, started as %d", words, pid)
	}
	if !strings.Contains(text(), "veth-red") {
		t.Errorf("it is not in red: %s", text())
	}
	if _, err := w.Session(t.Context(), "red", plan.Program{Argv: []string{"no-such-program"}}, streams(), Watch{}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// The end of the context ends the whole session, also what ignores SIGHUP, and
// nothing that has left it.
func TestSessionEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	out, text := output(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for strings.Count(text(), "\n") < 3 && ctx.Err() == nil {
			<-time.After(time.Millisecond)
		}
		cancel()
	}()
	leader := 0
	_, err := w.Session(ctx, "red", plan.Program{
		Argv: []string{"sh", "-c", `(trap "" HUP; echo; exec sleep 1000) & sleep 1001 & echo
			setsid sh -c 'echo $$; exec sleep 1002' & wait`},
	}, plan.Streams{Out: out}, Watch{Started: func(n int) { leader = n }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left := session(leader); len(left) > 0 {
		t.Errorf("left in the session: %v", left)
	}
	daemon := 0
	for _, line := range strings.Fields(text()) {
		for _, c := range line {
			daemon = daemon*10 + int(c-'0')
		}
	}
	if err := unix.Kill(daemon, unix.SIGKILL); err != nil {
		t.Errorf("what left the session is gone: %d %v", daemon, err)
	}
}

// What an abandoned program, or one that a signal ended, leaves running ends too;
// what one that exits leaves running goes on.
func TestWhatASessionLeavesBehind(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	for script, c := range map[string]struct {
		abandoned bool
		left      int
	}{
		"sleep 1000 & exit 0":     {false, 1},
		"sleep 1001 & exit 3":     {true, 0},
		"sleep 1002 & kill -9 $$": {false, 0},
	} {
		leader := 0
		_, err := w.Session(t.Context(), "red", plan.Program{Argv: []string{"sh", "-c", script}}, streams(),
			Watch{Started: func(n int) { leader = n }, Abandoned: func() bool { return c.abandoned }})
		if left := session(leader); err != nil || len(left) != c.left {
			t.Errorf("%s: left %v, want %d (%v)", script, left, c.left, err)
		}
		signalSession(leader, unix.SIGKILL)
	}
}
