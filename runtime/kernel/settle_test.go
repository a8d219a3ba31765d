package kernel

import (
	"context"
	"net/netip"
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

// The kernel makes the local route of an IPv6 address after it has answered
// (addrconf_dad_work); a packet to it that is sent before is lost.
func TestSettleWaitsForNewAddresses(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	for i := 1; i < 300; i++ {
		a := netip.AddrFrom16([16]byte{0xfd, 1, 14: byte(i >> 8), 15: byte(i)})
		apply(t, w, plan.AddAddr{Node: "red", Link: "veth-red", Addr: netip.PrefixFrom(a, 64)})
		if err := w.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r, err := w.RouteTo("red", plan.RouteQuery{Dst: a}); err != nil || r.Kind != "local" {
			t.Fatalf("address %d: %+v, %v", i, r, err)
		}
	}
}
