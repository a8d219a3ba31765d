package probe

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// patience is a Wait that a definite answer must not use up.
const patience = 10 * time.Second

// routed builds red - r - blue: 10.1.0.0/24 and 10.2.0.0/24, fd01::/64 and
// fd02::/64; .1 is the router, .2 the node.
func routed(t testing.TB) {
	build(t, "netns add red", "netns add r", "netns add blue")
	for _, node := range []string{"red", "blue", "r"} {
		batch(t, "-n "+node+" link set lo up")
		// Not icmp_ratelimit=0: that empties the bucket which errors for routes
		// share (net/ipv4/route.c, ip_error: five at once, then one a second).
		// Without accept_dad=0 link-local addresses wait a second or two.
		in(t, node, "sysctl", "-qw", "net.ipv4.icmp_ratemask=0", "net.ipv6.icmp.ratelimit=0", "net.ipv4.conf.all.rp_filter=0",
			"net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
	}
	batch(t, "link add eth0 netns red type veth peer name to-red netns r",
		"link add eth0 netns blue type veth peer name to-blue netns r")
	in(t, "r", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
	batch(t,
		"-n r addr add 10.1.0.1/24 dev to-red", "-n r addr add fd01::1/64 dev to-red nodad", "-n r link set to-red up",
		"-n r addr add 10.2.0.1/24 dev to-blue", "-n r addr add fd02::1/64 dev to-blue nodad", "-n r link set to-blue up",
		"-n red addr add 10.1.0.2/24 dev eth0", "-n red addr add fd01::2/64 dev eth0 nodad", "-n red link set eth0 up",
		"-n red route add default via 10.1.0.1", "-n red route add default via fd01::1",
		"-n blue addr add 10.2.0.2/24 dev eth0", "-n blue addr add fd02::2/64 dev eth0 nodad", "-n blue link set eth0 up",
		"-n blue route add default via 10.2.0.1", "-n blue route add default via fd02::1")
}

func ask(to string) plan.Ping {
	return plan.Ping{Node: "red", To: netip.MustParseAddr(to), Count: 1, Size: 56, Wait: patience}
}

// ping sends one request that must be over well before its Wait.
func ping(t *testing.T, r plan.Ping) plan.PingReply {
	t.Helper()
	start := time.Now()
	replies, err := Ping(t.Context(), inside, []plan.Ping{r})
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("ping %s took %v", r.To, d)
	}
	return replies[0]
}

func wantReply(t *testing.T, r plan.Ping) {
	t.Helper()
	got := ping(t, r)
	if got.Sent != r.Count || got.Received != r.Count || got.Err.What != "" {
		t.Errorf("ping %+v: %+v", r, got)
	}
	if got.Min <= 0 || got.RTT < got.Min || got.Max < got.RTT {
		t.Errorf("ping %s: RTT %v not within %v and %v", r.To, got.RTT, got.Min, got.Max)
	}
}

var addrs = cmpopts.EquateComparable(netip.Addr{})

// unpaced leaves out how long a request was queued.
var unpaced = cmpopts.IgnoreFields(plan.PingReply{}, "Pacing")

func wantRefusal(t *testing.T, r plan.Ping, want plan.PingError) {
	t.Helper()
	got := ping(t, r)
	if diff := cmp.Diff(want, got.Err, addrs); diff != "" || got.Received != 0 {
		t.Errorf("ping %s: %d received, error -want +got:\n%s", r.To, got.Received, diff)
	}
}

func TestReplies(t *testing.T) {
	routed(t)
	linkLocal := strings.Fields(in(t, "r", "ip", "-br", "-6", "addr", "show", "dev", "to-red", "scope", "link"))[2]
	linkLocal, _, _ = strings.Cut(linkLocal, "/")
	waitFor(t, func() bool {
		return !strings.Contains(in(t, "r", "ip", "-6", "addr")+in(t, "red", "ip", "-6", "addr"), "tentative")
	})
	for name, r := range map[string]plan.Ping{
		"neighbour":         ask("10.1.0.1"),
		"neighbour, IPv6":   ask("fd01::1"),
		"behind the router": ask("10.2.0.2"),
		"beyond it, IPv6":   ask("fd02::2"),
		"own":               ask("10.1.0.2"),
		"own, IPv6":         ask("fd01::2"),
		"loopback":          ask("127.0.0.1"),
		"loopback, IPv6":    ask("::1"),
		"mapped":            ask("::ffff:10.1.0.1"),
		"link-local zone":   ask(linkLocal + "%eth0"),
	} {
		t.Run(name, func(t *testing.T) {
			wantReply(t, r)
			r.Size = 0
			wantReply(t, r)
			r.Size, r.Count = 20000, 3 // in fragments
			wantReply(t, r)
		})
	}
	t.Run("link-local dev", func(t *testing.T) {
		r := ask(linkLocal)
		r.Dev = "eth0"
		wantReply(t, r)
	})
	t.Run("the router's other interface", func(t *testing.T) {
		r := ask("10.2.0.1")
		r.Node = "r"
		wantReply(t, r)
	})
	t.Run("dev", func(t *testing.T) {
		r := ask("10.2.0.2")
		r.Dev = "eth0"
		wantReply(t, r)
		r.Dev = "eth1"
		wantRefusal(t, r, plan.PingError{What: "No such device", Errno: unix.ENODEV})
	})
}

func TestGap(t *testing.T) {
	routed(t)
	r := ask("10.2.0.2")
	r.Count, r.Gap = 5, 20*time.Millisecond
	start := time.Now()
	wantReply(t, r)
	if d := time.Since(start); d < 4*r.Gap {
		t.Errorf("5 requests with a gap of %v took only %v", r.Gap, d)
	}
}

func TestRefusedByRouter(t *testing.T) {
	routed(t)
	batch(t,
		"-n r route add unreachable 10.3.1.0/24", "-n r route add prohibit 10.3.2.0/24",
		"-n r route add unreachable fd03:1::/64", "-n r route add prohibit fd03:2::/64",
		"-n r route add fd03:4::/64 dev to-blue", "-n r route add 10.3.4.0/24 dev to-blue")
	in(t, "r", "nft", "add table inet f; add chain inet f c { type filter hook forward priority 0; };"+
		"add rule inet f c ip daddr 10.3.4.1 reject with icmp admin-prohibited;"+
		"add rule inet f c ip daddr 10.3.4.2 reject with icmp port-unreachable;"+
		"add rule inet f c ip daddr 10.3.4.3 reject with icmp prot-unreachable;"+
		"add rule inet f c ip6 daddr fd03:4::1 reject with icmpv6 admin-prohibited;"+
		"add rule inet f c ip6 daddr fd03:4::2 reject with icmpv6 port-unreachable")
	four, six := netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("fd01::1")
	for to, want := range map[string]plan.PingError{
		"10.9.0.1":  {What: "Destination Net Unreachable", From: four, Type: 3, Code: 0},
		"10.3.1.1":  {What: "Destination Host Unreachable", From: four, Type: 3, Code: 1},
		"10.3.2.1":  {What: "Packet filtered", From: four, Type: 3, Code: 13},
		"10.3.4.1":  {What: "Packet filtered", From: four, Type: 3, Code: 13},
		"10.3.4.2":  {What: "Destination Port Unreachable", From: four, Type: 3, Code: 3},
		"10.3.4.3":  {What: "Destination Protocol Unreachable", From: four, Type: 3, Code: 2},
		"fd09::1":   {What: "Destination unreachable: No route", From: six, Type: 1, Code: 0},
		"fd03:1::1": {What: "Destination unreachable: No route", From: six, Type: 1, Code: 0},
		"fd03:2::1": {What: "Destination unreachable: Administratively prohibited", From: six, Type: 1, Code: 1},
		"fd03:4::1": {What: "Destination unreachable: Administratively prohibited", From: six, Type: 1, Code: 1},
		"fd03:4::2": {What: "Destination unreachable: Port unreachable", From: six, Type: 1, Code: 4},
	} {
		t.Run(strings.ReplaceAll(to, ":", "_"), func(t *testing.T) { wantRefusal(t, ask(to), want) })
	}
	t.Run("ttl", func(t *testing.T) {
		r := ask("10.2.0.2")
		r.TTL = 1
		wantRefusal(t, r, plan.PingError{What: "Time to live exceeded", From: four, Type: 11})
		r = ask("fd02::2")
		r.TTL = 1
		wantRefusal(t, r, plan.PingError{What: "Time exceeded: Hop limit", From: six, Type: 3})
		r.TTL = 2
		wantReply(t, r)
	})
}

func TestTooBig(t *testing.T) {
	routed(t)
	batch(t, "-n r link set to-blue mtu 1300", "-n blue link set eth0 mtu 1300")
	for to, want := range map[string]plan.PingError{
		"10.2.0.2": {What: "Frag needed and DF set (mtu = 1300)", From: netip.MustParseAddr("10.1.0.1"), Type: 3, Code: 4, MTU: 1300},
		"fd02::2":  {What: "Packet too big: mtu=1300", From: netip.MustParseAddr("fd01::1"), Type: 2, MTU: 1300},
	} {
		r := ask(to)
		r.Size = 1400
		wantRefusal(t, r, want)
		// The kernel has learned the MTU and fragments.
		wantReply(t, r)
	}
	r := ask("10.2.0.2")
	r.Size = 66000
	wantRefusal(t, r, plan.PingError{What: "Message too long", Errno: unix.EMSGSIZE})
}

func TestRefusedHere(t *testing.T) {
	routed(t)
	batch(t, "-n red route del default", "-n red route del default via fd01::1",
		"-n red route add unreachable 10.3.1.0/24", "-n red route add prohibit 10.3.2.0/24", "-n red route add blackhole 10.3.3.0/24",
		"-n red route add unreachable fd03:1::/64", "-n red route add prohibit fd03:2::/64", "-n red route add blackhole fd03:3::/64")
	in(t, "red", "nft", "add table inet f; add chain inet f c { type filter hook output priority 0; };"+
		"add rule inet f c ip daddr 10.1.0.1 counter drop; add rule inet f c ip6 daddr fd01::1 counter drop")
	for to, want := range map[string]plan.PingError{
		"10.9.0.1":        {What: "Network is unreachable", Errno: unix.ENETUNREACH},
		"fd09::1":         {What: "Network is unreachable", Errno: unix.ENETUNREACH},
		"10.3.1.1":        {What: "No route to host", Errno: unix.EHOSTUNREACH},
		"fd03:1::1":       {What: "No route to host", Errno: unix.EHOSTUNREACH},
		"10.3.2.1":        {What: "Permission denied", Errno: unix.EACCES},
		"fd03:2::1":       {What: "Permission denied", Errno: unix.EACCES},
		"10.3.3.1":        {What: "Invalid argument", Errno: unix.EINVAL},
		"fd03:3::1":       {What: "Invalid argument", Errno: unix.EINVAL},
		"10.1.0.1":        {What: "Operation not permitted", Errno: unix.EPERM},
		"fd01::1":         {What: "Operation not permitted", Errno: unix.EPERM},
		"10.1.0.255":      {What: "Permission denied", Errno: unix.EACCES},
		"255.255.255.255": {What: "Network is unreachable", Errno: unix.ENETUNREACH},
		"224.0.0.1":       {What: "Permission denied", Errno: unix.EACCES},
		"ff02::1":         {What: "Permission denied", Errno: unix.EACCES},
	} {
		t.Run(strings.ReplaceAll(to, ":", "_"), func(t *testing.T) { wantRefusal(t, ask(to), want) })
	}
	if rules := in(t, "red", "nft", "list", "ruleset"); strings.Count(rules, "packets 1 ") != 2 {
		t.Errorf("a dropped request was sent more than once:\n%s", rules)
	}
}

func TestLinkDown(t *testing.T) {
	routed(t)
	batch(t, "-n red link set eth0 down")
	for _, to := range []string{"10.1.0.1", "10.2.0.2", "fd01::1"} {
		wantRefusal(t, ask(to), plan.PingError{What: "Network is unreachable", Errno: unix.ENETUNREACH})
	}
}

// TestNobody asks for an address on the link that no node has: red's kernel gives
// up after three attempts to resolve it, a second apart.
func TestNobody(t *testing.T) {
	routed(t)
	requests := []plan.Ping{ask("10.1.0.77"), ask("fd01::77")}
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	want := []plan.PingError{
		{What: "Destination Host Unreachable", From: netip.MustParseAddr("10.1.0.2"), Type: 3, Code: 1},
		{What: "Destination unreachable: Address unreachable", From: netip.MustParseAddr("fd01::2"), Type: 1, Code: 3},
	}
	got := []plan.PingError{replies[0].Err, replies[1].Err}
	if diff := cmp.Diff(want, got, addrs, unpaced); diff != "" {
		t.Error(diff)
	}
}

// TestSilence: a request that is dropped uses its Wait, others do not wait for it.
func TestSilence(t *testing.T) {
	routed(t)
	in(t, "blue", "nft", "add table inet f; add chain inet f c { type filter hook input priority 0; };"+
		"add rule inet f c ip daddr 10.2.0.2 drop")
	silent := ask("10.2.0.2")
	silent.Wait = 300 * time.Millisecond
	start := time.Now()
	replies, err := Ping(t.Context(), inside, []plan.Ping{silent, ask("fd02::2"), ask("10.1.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d < silent.Wait || d > patience/2 {
		t.Errorf("took %v with a wait of %v", d, silent.Wait)
	}
	if diff := cmp.Diff(plan.PingReply{Sent: 1}, replies[0], addrs, unpaced); diff != "" {
		t.Error(diff)
	}
	if replies[1].Received != 1 || replies[2].Received != 1 {
		t.Errorf("replies to others: %+v", replies[1:])
	}
}
