package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// TestMeshOfServers has 50 nodes, a web server in each, and every node ask every
// other: the whole lab takes less than 5 s, and leaves no goroutine, descriptor
// or process.
func TestMeshOfServers(t *testing.T) {
	waitForNeighbours(t)
	out := labtest.InSandbox(t, "mesh", `let names = ${range(1, 50)}
for i in $names { ns h$i }
bridge sw <h${names}>
serve http *:80
spawn h1 sleep 1000
spawn h2 --pid-namespace sleep 1000
expect http * -> *
expect http h7 -> http://h50/ body contains "Hello from h50"
`)
	t.Log(strings.TrimSpace(out))
	fields := strings.Fields(out)
	took, err := time.ParseDuration(fields[len(fields)-2])
	busy, err2 := time.ParseDuration(fields[len(fields)-1])
	// On a machine that has other things to do the time of its processors counts.
	if err != nil || err2 != nil || min(took, busy) > 5*time.Second {
		t.Errorf("it took %s, %s of them busy: %v %v", took, busy, err, err2)
	}
}

// waitForNeighbours waits until there is room in the one neighbour table that all
// namespaces of the machine share (arp(7), gc_thresh3): others may have filled it.
func waitForNeighbours(t *testing.T) {
	t.Helper()
	const half = 512
	entries := uint64(0)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		text, err := os.ReadFile("/proc/net/stat/arp_cache")
		lines := strings.Split(string(text), "\n")
		if err != nil || len(lines) < 2 {
			return
		}
		entries, err = strconv.ParseUint(strings.Fields(lines[1])[0], 16, 64)
		if err != nil || entries < half {
			return
		}
	}
	t.Skipf("others hold %d entries of the machine's neighbour table", entries)
}

// mesh runs inside the sandbox.
func mesh(script string, out io.Writer) error {
	start := time.Now()
	// The poller of the Go runtime has two descriptors from the first pipe on.
	r, w, err := os.Pipe()
	if err := errors.Join(err, r.Close(), w.Close()); err != nil {
		return err
	}
	before, none := inventory(), goleak.IgnoreCurrent()
	world, err := lab.New()
	if err != nil {
		return err
	}
	s := engine.NewSession(world, stdlib.Table(), &quiet{}, verb.Streams{})
	set := &source.Set{}
	tree := stdlib.Table().Split(set.Add("lab.nsl", script))
	if err := tree.Diags.Err(); err != nil {
		return err
	}
	if err := world.Apply(context.Background(), plan.Baseline{Node: plan.Host}); err != nil {
		return err
	}
	if err := s.Run(context.Background(), tree.Statements); err != nil {
		return err
	}
	if s.Failed > 0 || s.Held != 2 {
		return fmt.Errorf("%d held, %d failed", s.Held, s.Failed)
	}
	during := inventory()
	if err := world.Close(); err != nil {
		return err
	}
	took, busy := time.Since(start), processorTime()
	if err := goleak.Find(none); err != nil {
		return err
	}
	if after := inventory(); after != before {
		return fmt.Errorf("before %+v, during %+v, after %+v", before, during, after)
	}
	fmt.Fprintf(out, "%+v during the lab, %s %s\n", during, took, busy)
	return nil
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return time.Hour
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// held is what a process can leave.
type held struct{ descriptors, processes, files int }

func inventory() (h held) {
	count := func(dir string, is func(string) bool) (n int) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if is(e.Name()) {
				n++
			}
		}
		return n
	}
	all := func(string) bool { return true }
	h.descriptors = count("/proc/self/fd", all)
	h.processes = count("/proc", func(name string) bool { _, err := strconv.Atoi(name); return err == nil })
	h.files = count("/run", func(name string) bool { return strings.HasPrefix(name, "nsl") })
	return h
}
