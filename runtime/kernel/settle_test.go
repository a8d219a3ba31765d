package kernel

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// TestFirstPingIsNotLost sets interfaces up and sends at once, a single packet
// and not for long: the kernel may not have told the queues of the carrier yet.
func TestFirstPingIsNotLost(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"})
	one, two := netip.MustParsePrefix("10.0.0.1/24"), netip.MustParsePrefix("10.0.0.2/24")
	for round := range 100 {
		apply(t, w,
			plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}},
			plan.AddAddr{Node: "red", Link: "eth0", Addr: one}, plan.AddAddr{Node: "blue", Link: "eth0", Addr: two},
			plan.SetUp{Node: "red", Name: "eth0"}, plan.SetUp{Node: "blue", Name: "eth0"})
		got, err := w.Ping(context.Background(), []plan.Ping{{Node: "red", To: two.Addr(), Count: 1, Wait: 500 * time.Millisecond}})
		if err != nil || got[0].Received != 1 {
			t.Fatalf("round %d: %v %v", round, got, err)
		}
		apply(t, w, plan.DelLink{Node: "red", Name: "eth0"})
	}
}

// TestSettleDoesNotWaitForADeadCable has an interface that gets no carrier.
func TestSettleDoesNotWaitForADeadCable(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"},
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}},
		plan.SetUp{Node: "red", Name: "eth0"})
	start := time.Now()
	if err := w.settle(context.Background()); err != nil || time.Since(start) > settleMost/2 {
		t.Fatalf("waited %v: %v", time.Since(start), err)
	}
}
