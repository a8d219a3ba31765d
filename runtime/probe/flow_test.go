package probe

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

func flowTo(to string) plan.Flow {
	return plan.Flow{From: "red", Node: "blue", To: netip.MustParseAddr(to), Time: 400 * time.Millisecond, Wait: patience}
}

// TestFlows measures a link that a token bucket holds to 20 Mbit/s, both ways
// and over both families at once: each direction is a link of its own.
func TestFlows(t *testing.T) {
	routed(t)
	free, err := Flows(t.Context(), inside, []plan.Flow{flowTo("10.2.0.2")})
	if err != nil || !free[0].Connected || free[0].Rate < 50e6 {
		t.Fatalf("nothing slows this down: %+v, %v", free, err)
	}
	labtest.NeedPrograms(t, "tc")
	if err := run("tc", "-n", "blue", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "20mbit", "burst", "16kb", "latency", "30ms"); err != nil {
		t.Skipf("this kernel limits no rates: %v", err)
	}
	back := plan.Flow{From: "blue", Node: "red", To: netip.MustParseAddr("fd01::2"), Time: time.Second, Wait: patience}
	out := flowTo("fd02::2")
	out.Time = time.Second
	replies, err := Flows(t.Context(), inside, []plan.Flow{back, out})
	if err != nil {
		t.Fatal(err)
	}
	if r := replies[0]; !r.Connected || r.Rate < 12e6 || r.Rate > 21e6 {
		t.Errorf("through 20 Mbit/s came %+v", r)
	}
	if r := replies[1]; !r.Connected || r.Rate < 25e6 {
		t.Errorf("the other way is free, and brings %+v", r)
	}
}

func TestFlowsThatDoNotStand(t *testing.T) {
	routed(t)
	start := time.Now()
	unrouted, far := flowTo("10.9.0.1"), flowTo("10.2.0.9")
	far.Wait = 200 * time.Millisecond
	in(t, "red", "ip", "route", "add", "unreachable", "10.9.0.0/16")
	replies, err := Flows(t.Context(), inside, []plan.Flow{unrouted, far})
	if err != nil || replies[0].Connected || replies[0].Err.Errno != unix.EHOSTUNREACH || replies[1].Connected {
		t.Errorf("%+v, %v", replies, err)
	}
	if took := time.Since(start); took > patience/2 {
		t.Errorf("took %v", took)
	}
	if _, err := Flows(t.Context(), inside, []plan.Flow{{From: "red", Node: "absent", To: netip.MustParseAddr("10.2.0.2")}}); err == nil {
		t.Error("a node that is not there is no error")
	}
}

// TestFlowsEndWithTheirContext: nothing is left that could be waited for (the
// package's tests look for goroutines).
func TestFlowsEndWithTheirContext(t *testing.T) {
	routed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	long := flowTo("10.2.0.2")
	long.Time = time.Minute
	start := time.Now()
	if _, err := Flows(ctx, inside, []plan.Flow{long, long}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
