package probe

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// TestAskAgain asks for a neighbour that is not there, directly and as a
// gateway, and again once it is: the second request does not wait for the
// kernel's next attempt to resolve the first one's, a second after that.
func TestAskAgain(t *testing.T) {
	const soon, notLong = 50 * time.Millisecond, 400 * time.Millisecond
	routed(t)
	for to, gateway := range map[string]string{"10.1.0.1": "10.1.0.1/24", "10.2.0.2": "10.1.0.1/24", "fd01::1": "fd01::1/64", "fd02::2": "fd01::1/64"} {
		t.Run(strings.ReplaceAll(to, ":", "_"), func(t *testing.T) {
			batch(t, "-n r addr del "+gateway+" dev to-red")
			in(t, "red", "ip", "neigh", "flush", "dev", "eth0")
			r := ask(to)
			r.Wait = soon
			if got := ping(t, r); got.Received != 0 {
				t.Fatalf("no node has the gateway's address, but: %+v", got)
			}
			table := in(t, "red", "ip", "neigh", "show", "to", netip.MustParsePrefix(gateway).Addr().String())
			if !strings.Contains(table, "FAILED") {
				t.Errorf("the neighbour table does not show that the resolution failed: %q", table)
			}
			restore(t, gateway)
			r.Wait = notLong
			if got := ping(t, r); got.Received != 1 {
				t.Errorf("%s does not reply within %v: %+v", to, r.Wait, got)
			}
		})
	}
}

// restore gives the router its address back. An IPv6 address hears nothing before
// its solicited-node group is joined, which the kernel does later
// (net/ipv6/addrconf.c, addrconf_dad_work).
func restore(t *testing.T, gateway string) {
	t.Helper()
	if !strings.Contains(gateway, ":") {
		batch(t, "-n r addr add "+gateway+" dev to-red")
		return
	}
	batch(t, "-n r addr add "+gateway+" dev to-red nodad")
	waitFor(t, func() bool {
		groups := strings.Fields(in(t, "r", "ip", "-6", "maddr", "show", "dev", "to-red"))
		return slices.Contains(groups, "ff02::1:ff00:1")
	})
}

// TestOthersResolutions leaves alone what others than the asked address wait for.
func TestOthersResolutions(t *testing.T) {
	routed(t)
	// slow waits for its reply all the time that quick takes.
	slow, quick := ask("10.1.0.78"), ask("10.1.0.77")
	slow.Wait, quick.Wait = 600*time.Millisecond, 20*time.Millisecond
	done := make(chan []plan.PingReply)
	go func() {
		replies, _ := Ping(t.Context(), inside, []plan.Ping{slow})
		done <- replies
	}()
	waitFor(t, func() bool { return strings.Contains(in(t, "red", "ip", "neigh"), "10.1.0.78") })
	if _, err := Ping(t.Context(), inside, []plan.Ping{quick}); err != nil {
		t.Fatal(err)
	}
	if table := in(t, "red", "ip", "neigh"); !strings.Contains(table, "10.1.0.77 dev eth0 FAILED") ||
		!strings.Contains(table, "10.1.0.78 dev eth0 INCOMPLETE") {
		t.Errorf("neighbours of red:\n%s", table)
	}
	if got := (<-done)[0]; got.Err.What != "" {
		t.Errorf("the slow request was refused: %+v", got)
	}
}
