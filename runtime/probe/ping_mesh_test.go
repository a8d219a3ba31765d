package probe

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// mesh builds n nodes on one bridge and gives each pair's requests.
func mesh(t testing.TB, n int, families ...int) []plan.Ping {
	lines := []string{"netns add hub"}
	for i := range n {
		lines = append(lines, fmt.Sprintf("netns add n%d", i))
	}
	for i := range n {
		lines = append(lines, fmt.Sprintf("link add eth0 netns n%d type veth peer name p%d netns hub", i, i))
	}
	lines = append(lines, "-n hub link add br0 type bridge forward_delay 0", "-n hub link set br0 up")
	for i := range n {
		lines = append(lines, fmt.Sprintf("-n hub link set p%d master br0 up", i))
	}
	for i := range n {
		lines = append(lines,
			fmt.Sprintf("-n n%d link set lo up", i),
			fmt.Sprintf("-n n%d addr add 10.0.0.%d/24 dev eth0", i, i+1),
			fmt.Sprintf("-n n%d addr add fd00::%x/64 dev eth0 nodad", i, i+1),
			fmt.Sprintf("-n n%d link set eth0 up", i))
	}
	build(t, lines...)
	var all []plan.Ping
	for _, family := range families {
		for i := range n {
			for j := range n {
				if i != j {
					all = append(all, plan.Ping{Node: fmt.Sprintf("n%d", i), To: meshAddr(family, j), Count: 1, Size: 56, Wait: 3 * time.Second})
				}
			}
		}
	}
	return all
}

func meshAddr(family, i int) netip.Addr {
	if family == 4 {
		return netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})
	}
	return netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(i + 1)})
}

func lost(replies []plan.PingReply) (n int) {
	for _, r := range replies {
		n += r.Sent - r.Received
	}
	return n
}

func TestMesh(t *testing.T) {
	requests := mesh(t, 30, 4, 6)
	start := time.Now()
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	if n := lost(replies); n != 0 {
		t.Errorf("%d of %d requests lost", n, len(requests))
	}
	t.Logf("%d pairs in %v", len(requests), time.Since(start))
}

func BenchmarkMesh100(b *testing.B) {
	for _, family := range []int{4, 6} {
		b.Run(fmt.Sprintf("IPv%d", family), func(b *testing.B) {
			requests := mesh(b, 100, family)
			for b.Loop() {
				replies, err := Ping(b.Context(), inside, requests)
				if err != nil {
					b.Fatal(err)
				}
				if n := lost(replies); n != 0 {
					b.Errorf("%d of %d requests lost", n, len(requests))
				}
			}
		})
	}
}
