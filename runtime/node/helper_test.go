package node

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"nsl/runtime/kernel"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

func TestMain(m *testing.M) {
	labtest.Enter()
	os.Exit(m.Run())
}

// world is a kernel world and the state of its nodes, as runtime/lab has it.
type world struct {
	*kernel.World
	*State
}

func (w *world) Apply(ctx context.Context, op plan.Op) error { return w.State.Apply(ctx, op) }

func (w *world) Commit() error { return w.State.Commit() }

func (w *world) Close() error { return errors.Join(w.State.Close(), w.World.Close()) }

func (w *world) Sockets(node string) ([]plan.Socket, error) { return w.State.Sockets(node) }

func openWorld(t testing.TB) *world {
	t.Helper()
	k, err := kernel.New()
	if err != nil {
		t.Fatal(err)
	}
	return &world{k, New(k)}
}

// newWorld opens a world that is empty again when the test ends.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := openWorld(t)
	t.Cleanup(func() {
		nodes, err := w.Nodes()
		for _, n := range nodes {
			apply(t, w, plan.DelNS{Name: n})
		}
		if err := errors.Join(err, w.Commit(), w.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func apply(t testing.TB, w *world, ops ...plan.Op) {
	t.Helper()
	for _, op := range ops {
		if err := w.Apply(context.Background(), op); err != nil {
			t.Fatalf("%T %s: %v", op, op.Effect().Object, err)
		}
	}
}

// base is red and blue on a cable, red with addresses of both families, all up.
func base(more ...plan.Op) []plan.Op {
	return append([]plan.Op{
		plan.AddNS{Name: "red"}, plan.Baseline{Node: "red"}, plan.SetUp{Node: "red", Name: "lo"},
		plan.AddNS{Name: "blue"}, plan.Baseline{Node: "blue"}, plan.SetUp{Node: "blue", Name: "lo"},
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "veth-red"}, B: plan.LinkEnd{Node: "blue", Name: "veth-blue"}},
		plan.SetUp{Node: "red", Name: "veth-red"}, plan.SetUp{Node: "blue", Name: "veth-blue"},
		plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("192.168.15.1/24")},
		plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")},
	}, more...)
}

func pfx(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func ip(s string) netip.Addr    { return netip.MustParseAddr(s) }

// until waits for a condition that has to come true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
