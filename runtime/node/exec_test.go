package node

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func streams() plan.Streams { return plan.Streams{} }

func TestExec(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddBridge{Node: "red", Name: "only-in-red"})
	var out, errs bytes.Buffer
	s := plan.Streams{In: strings.NewReader("from stdin"), Out: &out, Err: &errs}
	exit, err := w.Exec(context.Background(), "red",
		[]string{"sh", "-c", "cat; ip -o link show only-in-red >/dev/null && echo ' found'; echo oops >&2; exit 3"}, s)
	if exit != 3 || err != nil || out.String() != "from stdin found\n" || errs.String() != "oops\n" {
		t.Errorf("%d, %v, %q, %q", exit, err, out.String(), errs.String())
	}
	if exit, err := w.Exec(context.Background(), "red", []string{"sh", "-c", "kill -TERM $$"}, streams()); exit != 143 || err != nil {
		t.Errorf("%d, %v", exit, err)
	}
	for _, name := range []string{"no-such-program", "/no/such/program", "./no-such-program"} {
		if _, err := w.Exec(context.Background(), "red", []string{name}, streams()); !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Exec(context.Background(), "red", nil, streams()); !errors.Is(err, unix.EINVAL) {
		t.Error(err)
	}
	before := descriptors(t)
	apply(t, w, plan.Exec{Node: "red", Argv: []string{"false"}})
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	if err := w.Apply(context.Background(), plan.Exec{Node: "green", Argv: []string{"true"}}); !errors.Is(err, plan.ErrNoNode) {
		t.Error(err)
	}
}

// Programs of administration are found without the directories in PATH.
func TestExecFindsSbin(t *testing.T) {
	w := newWorld(t)
	t.Setenv("PATH", "/usr/bin:/bin")
	if exit, err := w.Exec(context.Background(), plan.Host, []string{"sysctl", "-n", "net.ipv4.ip_forward"}, streams()); exit != 0 || err != nil {
		t.Errorf("%d, %v", exit, err)
	}
	t.Setenv("PATH", ".:/usr/bin:/bin")
	if exit, err := w.Exec(context.Background(), plan.Host, []string{"sysctl", "-n", "net.ipv4.ip_forward"}, streams()); exit != 0 || err != nil {
		t.Errorf("%d, %v", exit, err)
	}
}

// The end of ctx ends the program and its children.
func TestExecCancel(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	started := writerFunc(func() { cancel() })
	start := time.Now()
	exit, err := w.Exec(ctx, "red", []string{"sh", "-c", "echo started; sleep 61.5 & sleep 61.5"}, plan.Streams{Out: started})
	if exit != 128+9 || !errors.Is(err, context.Canceled) || time.Since(start) > drainTimeout {
		t.Errorf("%d, %v after %v", exit, err, time.Since(start))
	}
	until(t, "the program's children are gone", func() bool {
		out, _ := exec.Command("pgrep", "-f", "^sleep 61.5$").Output()
		return len(out) == 0
	})
}

// writerFunc calls itself on the first write.
type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) { f(); return len(p), nil }
