package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"

	"nsl/runtime/plan"
)

// TestErrorsApart sends many requests that the router refuses together with some
// that are answered: errors wait in the socket that the others leave by.
func TestErrorsApart(t *testing.T) {
	routed(t)
	batch(t, "-n r route add 10.9.0.0/24 dev to-blue")
	in(t, "r", "nft", "add table inet f; add chain inet f c { type filter hook forward priority 0; };"+
		"add rule inet f c ip daddr 10.9.0.1 reject with icmp host-unreachable")
	var requests []plan.Ping
	for i := range 90 {
		to := []string{"10.9.0.1", "10.2.0.2", "fd09::1", "fd02::2"}[i%4]
		requests = append(requests, ask(to))
	}
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range replies {
		answered := i%4 == 1 || i%4 == 3
		if (r.Received == 1) != answered || r.Err.From.IsValid() == answered || r.Err.Errno != 0 {
			t.Errorf("%s: %+v", requests[i].To, r)
		}
	}
}

func TestCancel(t *testing.T) {
	routed(t)
	in(t, "blue", "nft", "add table inet f; add chain inet f c { type filter hook input priority 0; drop; }")
	before := descriptors(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	replies, err := Ping(ctx, inside, []plan.Ping{ask("10.2.0.2"), ask("10.1.0.1"), ask("fd02::2")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("cancelled after %v", d)
	}
	if len(replies) != 3 || replies[0].Received != 0 || replies[1].Received != 1 {
		t.Errorf("replies %+v", replies)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestNothingSent(t *testing.T) {
	build(t, "netns add red")
	before := descriptors(t)
	lost := ask("10.0.0.1")
	lost.Node = "nowhere"
	if _, err := Ping(t.Context(), inside, []plan.Ping{ask("10.0.0.1"), lost}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("unknown node: error %v", err)
	}
	closed := func(string, func() error) error { return syscall.EPERM }
	if _, err := Ping(t.Context(), closed, []plan.Ping{ask("10.0.0.1")}); !errors.Is(err, syscall.EPERM) {
		t.Errorf("closed node: error %v", err)
	}
	for _, bad := range []plan.Ping{{}, {To: netip.IPv4Unspecified(), Count: 1}, {To: netip.IPv6Loopback()}, {To: netip.IPv6Loopback(), Count: 1, Size: -1}} {
		bad.Node = "red"
		if _, err := Ping(t.Context(), inside, []plan.Ping{bad}); err == nil {
			t.Errorf("no error for %+v", bad)
		}
	}
	if replies, err := Ping(t.Context(), inside, nil); err != nil || len(replies) != 0 {
		t.Errorf("nothing asked: %v, %v", replies, err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// waitFor asks until it holds, for some seconds.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for give := time.Now().Add(patience / 2); !holds(); <-tick.C {
		if time.Now().After(give) {
			t.Fatal("it never held")
		}
	}
}

// TestForged has blue answer with something other than what was asked.
func TestForged(t *testing.T) {
	routed(t)
	for _, forgery := range []string{
		"icmp type echo-reply icmp sequence set 999",
		"icmp type echo-reply icmp id set 999",
		"icmp type echo-reply @th,128,8 set 0x55", // payload; the checksum is left as it was
		"icmp type echo-reply ip saddr set 10.2.0.9",
		"icmpv6 type echo-reply icmpv6 sequence set 999",
		"icmpv6 type echo-reply icmpv6 id set 999",
		"icmpv6 type echo-reply ip6 saddr set fd02::9",
	} {
		t.Run(forgery, func(t *testing.T) {
			forged, right := ask("10.2.0.2"), ask("fd02::2")
			if strings.HasPrefix(forgery, "icmpv6") {
				forged, right = right, forged
			}
			forged.Wait = 200 * time.Millisecond
			in(t, "blue", "nft", "flush ruleset; add table inet f; add chain inet f c { type filter hook output priority 0; }; add rule inet f c "+forgery)
			wantReply(t, right)
			if got := ping(t, forged); got.Received != 0 {
				t.Errorf("a forged reply counted: %+v", got)
			}
			in(t, "blue", "nft", "flush ruleset")
			forged.Wait = patience
			wantReply(t, forged)
		})
	}
}

// TestLiar has a program in blue answer in place of its kernel, with right
// checksums.
func TestLiar(t *testing.T) {
	routed(t)
	in(t, "blue", "sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
	for name, c := range map[string]struct {
		lie      func(*icmp.Message, *icmp.Echo)
		received int
	}{
		"none":            {func(*icmp.Message, *icmp.Echo) {}, 1},
		"payload":         {func(_ *icmp.Message, e *icmp.Echo) { e.Data[3] ^= 1 }, 0},
		"shorter payload": {func(_ *icmp.Message, e *icmp.Echo) { e.Data = e.Data[1:] }, 0},
		"longer payload":  {func(_ *icmp.Message, e *icmp.Echo) { e.Data = append(e.Data, 0) }, 0},
		"code":            {func(m *icmp.Message, _ *icmp.Echo) { m.Code = 1 }, 0},
		"type":            {func(m *icmp.Message, _ *icmp.Echo) { m.Type = ipv4.ICMPTypeTimestampReply }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			answer(t, c.lie)
			r := ask("10.2.0.2")
			if c.received == 0 {
				r.Wait = 200 * time.Millisecond
			}
			if got := ping(t, r); got.Received != c.received {
				t.Errorf("%+v", got)
			}
		})
	}
}

// answer answers echo requests in blue until the test ends.
func answer(t *testing.T, lie func(*icmp.Message, *icmp.Echo)) {
	var conn net.PacketConn
	err := inside("blue", func() (err error) {
		conn, err = net.ListenPacket("ip4:icmp", "0.0.0.0")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		for b := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			m, err := icmp.ParseMessage(1, b[:n])
			if err != nil || m.Type != ipv4.ICMPTypeEcho {
				continue
			}
			m.Type = ipv4.ICMPTypeEchoReply
			lie(m, m.Body.(*icmp.Echo))
			if reply, err := m.Marshal(nil); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
}

// TestCallsTogether has several calls ask from the same node at a time.
func TestCallsTogether(t *testing.T) {
	routed(t)
	// While a neighbour is being resolved the kernel keeps 200 KB of what is sent
	// to it (net.ipv4.neigh.*.unres_qlen_bytes), and the 400 requests are more.
	wantReply(t, ask("10.2.0.2"))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r := ask("10.2.0.2")
			r.Count = 20
			wantReply(t, r)
		})
	}
	all.Wait()
}

// TestNeighbourTableFull asks while red's own entries take all the room there is
// for the whole machine.
func TestNeighbourTableFull(t *testing.T) {
	routed(t)
	batch(t, "-n red neigh add 10.1.0.200 lladdr 02:00:00:00:00:01 nud permanent dev eth0")
	var lines, targets []string
	for i := range 1100 {
		lines = append(lines,
			fmt.Sprintf("neigh replace 10.1.%d.%d lladdr 02:00:00:00:00:01 nud reachable dev eth0", 100+i/250, 1+i%250),
			fmt.Sprintf("neigh replace fd01::1:%x lladdr 02:00:00:00:00:01 nud reachable dev eth0", i))
	}
	for i := range 20 {
		targets = append(targets, fmt.Sprintf("10.1.0.%d", 10+i), fmt.Sprintf("fd01::%x", 0x10+i))
	}
	var requests []plan.Ping
	for i, to := range targets {
		batch(t, "-n r addr add "+to+map[bool]string{true: "/24", false: "/64"}[i%2 == 0]+" dev to-red")
		requests = append(requests, ask(to))
	}
	fill := exec.Command("ip", "-n", "red", "-force", "-batch", "-")
	fill.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	if out, _ := fill.CombinedOutput(); !strings.Contains(string(out), "No buffer space") {
		t.Fatalf("the table did not fill: %.300s", out)
	}
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range replies {
		if r.Received != 1 || r.Err.What != "" {
			t.Errorf("%s: %+v", requests[i].To, r)
		}
	}
	if left := in(t, "red", "ip", "neigh", "show", "nud", "permanent"); !strings.Contains(left, "10.1.0.200") {
		t.Errorf("the permanent entry is gone: %s", left)
	}
}
