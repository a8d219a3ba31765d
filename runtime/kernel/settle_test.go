package kernel

import (
	"context"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// TestSettleDoesNotWaitForADeadCable has an interface that gets no carrier.
func TestSettleDoesNotWaitForADeadCable(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"},
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}},
		plan.SetUp{Node: "red", Name: "eth0"})
	start := time.Now()
	if err := w.Settle(context.Background()); err != nil || time.Since(start) > settleMost/2 {
		t.Fatalf("waited %v: %v", time.Since(start), err)
	}
}
