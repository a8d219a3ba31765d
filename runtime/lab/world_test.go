package lab

import (
	"context"
	"net/netip"
	"os"
	"testing"
	"time"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

func TestMain(m *testing.M) {
	labtest.Enter()
	os.Exit(m.Run())
}

// newWorld opens a world that is empty again when the test ends.
func newWorld(t *testing.T) *World {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		apply(t, w, plan.DelNS{Name: "red"}, plan.DelNS{Name: "blue"})
		if err := w.Commit(); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"})
	return w
}

func apply(t *testing.T, w *World, ops ...plan.Op) {
	t.Helper()
	for _, op := range ops {
		if err := w.Apply(context.Background(), op); err != nil {
			t.Fatalf("%T %s: %v", op, op.Effect().Object, err)
		}
	}
}

var red, blue = netip.MustParsePrefix("192.168.15.1/24"), netip.MustParsePrefix("192.168.15.2/24")

// cable is a cable between red and blue with addresses, up.
func cable() []plan.Op {
	return []plan.Op{
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}},
		plan.AddAddr{Node: "red", Link: "eth0", Addr: red}, plan.AddAddr{Node: "blue", Link: "eth0", Addr: blue},
		plan.SetUp{Node: "red", Name: "eth0"}, plan.SetUp{Node: "blue", Name: "eth0"},
	}
}

func TestPing(t *testing.T) {
	w := newWorld(t)
	apply(t, w, cable()...)
	got, err := w.Ping(context.Background(), []plan.Ping{
		{Node: "red", To: blue.Addr(), Count: 1, Wait: 2 * time.Second},
		{Node: "red", To: netip.MustParseAddr("8.8.8.8"), Count: 1, Wait: 2 * time.Second},
	})
	if err != nil || len(got) != 2 || got[0].Received != 1 || got[1].Received != 0 || got[1].Err.What != "Network is unreachable" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestFirstPingIsNotLost sets interfaces up and sends at once, a single packet
// and not for long: the queues may not know of the carrier yet.
func TestFirstPingIsNotLost(t *testing.T) {
	w := newWorld(t)
	for round := range 100 {
		apply(t, w, cable()...)
		got, err := w.Ping(context.Background(), []plan.Ping{{Node: "red", To: blue.Addr(), Count: 1, Wait: 500 * time.Millisecond}})
		if err != nil || got[0].Received != 1 {
			t.Fatalf("round %d: %v %v", round, got, err)
		}
		apply(t, w, plan.DelLink{Node: "red", Name: "eth0"})
	}
}
