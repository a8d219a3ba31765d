package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// batchScript has rules of many statements, on several nodes and in several chains, between all
// that ends a batch.
const batchScript = `ns r a b
link a <-> r 10.0.0.0/24
link b <-> r 10.0.1.0/24
forward r
def shut(n) {
  for i in 1..3 {
    block 10.9.$n.$i -> b on r
    block 10.8.$n.$i -> b on r
  }
}
shut 1
shut 2
print "shut"
block a -> b tcp 80 on r
allow a -> b tcp 80 on r
block a -> b tcp 81
for i in 1..3 { reject a -> b udp $i on r }
test "undone" {
  block a -> b icmp on r
  block a -> b udp 9 on r
}
block b -> a tcp 5 on r
block b -> a tcp 6 on r
del block b -> a tcp 5 on r
block b -> a tcp 7 on r
def leave(n) {
  block 10.7.$n.1 -> b on r
  defer print "left $n"
  block 10.7.$n.2 -> b on r
  defer block 10.7.$n.3 -> b on r
  block 10.7.$n.4 -> b on r
}
leave 1
addr a 10.0.0.77/24
shut 3
`

// batching is a world in memory that stages rules, and refuses the one with a number among those
// that are to be added.
type batching struct {
	*labtest.World
	bad     int
	rules   int
	staged  []plan.Op
	batches int
}

func (w *batching) Apply(ctx context.Context, op plan.Op) error {
	if _, ok := op.(plan.AddNftRule); ok {
		if w.rules++; w.rules == w.bad {
			return syscall.ENOSPC
		}
	}
	return w.World.Apply(ctx, op)
}

// Stage does the ops at once, for questions.
func (w *batching) Stage(ops []plan.Op) bool {
	for _, op := range ops {
		if _, ok := op.(plan.AddNftRule); !ok {
			return false
		}
	}
	for _, op := range ops {
		if err := w.World.Apply(context.Background(), op); err != nil {
			panic(err)
		}
	}
	w.staged = append(w.staged, ops...)
	return true
}

func (w *batching) DoStaged() error {
	ops := w.staged
	w.staged = nil
	w.batches++
	if w.rules < w.bad && w.bad <= w.rules+len(ops) {
		for _, op := range plan.InverseOf(ops) {
			if err := w.World.Apply(context.Background(), op); err != nil {
				panic(err)
			}
		}
		return syscall.ENOSPC
	}
	w.rules += len(ops)
	return nil
}

// outcome runs a script, and tells all that can be seen of it.
func outcome(world *batching, script string, batch bool) string {
	set := &source.Set{}
	table := stdlib.Table()
	tree := table.Split(set.Add("lab.nsl", script))
	var out bytes.Buffer
	s := engine.NewSession(world, table, &quiet{}, verb.Streams{Out: &out, Err: &out})
	s.Lab.Sole, s.Batch = true, batch
	err := s.Run(context.Background(), tree.Statements)
	diag.Report(&out, set, false, err)
	dump, err := labtest.Dump(world)
	return fmt.Sprint(out.String(), "\n", dump, err)
}

// Whether rules are added one by one or together, a script does and says the same, whichever
// rule the kernel refuses.
func TestBatchesChangeNothing(t *testing.T) {
	for bad := range 40 {
		one, together := &batching{World: labtest.NewWorld(), bad: bad}, &batching{World: labtest.NewWorld(), bad: bad}
		want, got := outcome(one, batchScript, false), outcome(together, batchScript, true)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("rule %d is refused: -one by one +together\n%s", bad, d)
		}
		if bad == 0 && (one.batches != 0 || together.batches == 0 || together.batches > 10 || !strings.Contains(got, "shut")) {
			t.Errorf("%d and %d batches:\n%s", one.batches, together.batches, got)
		}
	}
}

// On the kernel, too, rules that were added together are those of a script that adds them one by one,
// and need fewer requests.
func TestBatchesOnTheKernel(t *testing.T) {
	labtest.NeedSandbox(t)
	type result struct {
		State string
		Kinds map[string]int
	}
	run := func(batch bool) (r result) {
		arg, err := json.Marshal(batch)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(labtest.InSandbox(t, "batches", string(arg))), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	one, together := run(false), run(true)
	if d := cmp.Diff(one.State, together.State); d != "" {
		t.Errorf("-one by one +together\n%s", d)
	}
	added := fmt.Sprintf("protocol %d, type %d", unix.NETLINK_NETFILTER, unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWRULE)
	if n, m := one.Kinds[added], together.Kinds[added]; n < 30 || m > n/2 {
		t.Errorf("%d requests to add rules one by one, %d together", n, m)
	}
}

// batches runs inside the sandbox.
func batches(arg string, out io.Writer) error {
	var batch bool
	if err := json.Unmarshal([]byte(arg), &batch); err != nil {
		return err
	}
	// The first run makes what a process has once, as the mount of names.
	_ = (&faultyRun{script: "ns a\n", at: -1}).run()
	seen := &counter{kinds: map[string]int{}}
	state := ""
	r := &faultyRun{script: batchScript, at: -1, seen: seen, batch: batch, after: func(v plan.View) (err error) {
		state, err = labtest.Dump(v)
		return err
	}}
	if err := r.run(); err != nil || r.code != diag.ExitOK {
		return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, err))
	}
	return json.NewEncoder(out).Encode(map[string]any{"State": state, "Kinds": seen.kinds})
}
