package fake_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/engine"
	"nsl/runtime/fake"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// seen is what a ping tells: "ok", "silence", or the refusal and who said it.
func seen(r plan.PingReply) string {
	switch {
	case r.Received > 0:
		return "ok"
	case r.Err.What == "":
		return "silence"
	case r.Err.From.IsValid():
		return r.Err.What + " from " + r.Err.From.String()
	}
	return r.Err.What
}

// routed is red - router - blue, in both families, with ways there and back.
func routed() []plan.Op {
	ops := lab("red", "router", "blue")
	ops = append(ops, cable("red", "eth0", "router", "eth0")...)
	ops = append(ops, cable("router", "eth1", "blue", "eth0")...)
	ops = append(ops, addrs("red eth0 10.1.0.2/24", "red eth0 fd01::2/64", "router eth0 10.1.0.1/24", "router eth0 fd01::1/64",
		"router eth1 10.2.0.1/24", "router eth1 fd02::1/64", "blue eth0 10.2.0.2/24", "blue eth0 fd02::2/64")...)
	ops = append(ops, via("red", "0.0.0.0/0", "10.1.0.1"), via("red", "::/0", "fd01::1"),
		via("blue", "10.1.0.0/24", "10.2.0.1"), via("blue", "fd01::/64", "fd02::1"))
	return append(ops, forward("router", "1")...)
}

// switched is red and blue on a bridge of the host's.
func switched() []plan.Op {
	ops := append(lab("red", "blue"), plan.AddBridge{Node: plan.Host, Name: "br0"}, plan.SetUp{Node: plan.Host, Name: "br0"})
	for _, n := range []string{"red", "blue"} {
		ops = append(ops, plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: n, Master: "br0"}, B: plan.LinkEnd{Node: n, Name: "eth0"}},
			plan.SetUp{Node: plan.Host, Name: n}, plan.SetUp{Node: n, Name: "eth0"})
	}
	return append(ops, addrs("red eth0 10.1.0.2/24", "blue eth0 10.1.0.3/24", "host br0 10.1.0.254/24")...)
}

func lab(names ...string) []plan.Op {
	ops := []plan.Op{plan.Baseline{Node: plan.Host}, plan.SetUp{Node: plan.Host, Name: plan.Loopback}}
	for _, n := range names {
		ops = append(ops, plan.AddNS{Name: n}, plan.Baseline{Node: n}, plan.SetUp{Node: n, Name: plan.Loopback})
	}
	for _, n := range append(names, plan.Host) {
		ops = append(ops, impatient(n)...)
	}
	return ops
}

// impatient lets a failed address resolution take 0.1 s rather than 3.
func impatient(node string) []plan.Op {
	var ops []plan.Op
	for _, family := range []string{"ipv4", "ipv6"} {
		ops = append(ops, plan.SetSysctl{Node: node, Key: "net." + family + ".neigh.default.retrans_time_ms", Value: "30"})
	}
	return ops
}

func cable(a, x, b, y string) []plan.Op {
	return []plan.Op{plan.AddVeth{A: plan.LinkEnd{Node: a, Name: x}, B: plan.LinkEnd{Node: b, Name: y}},
		plan.SetUp{Node: a, Name: x}, plan.SetUp{Node: b, Name: y}}
}

func addrs(list ...string) []plan.Op {
	var ops []plan.Op
	for _, s := range list {
		w := strings.Fields(s)
		ops = append(ops, plan.AddAddr{Node: w[0], Link: w[1], Addr: netip.MustParsePrefix(w[2])})
	}
	return ops
}

func via(node, dst, gw string) plan.Op {
	return plan.AddRoute{Node: node, Route: plan.Route{Dst: netip.MustParsePrefix(dst), Hops: []plan.NextHop{{Via: netip.MustParseAddr(gw)}}}}
}

func refuse(node, kind, dst string) plan.Op {
	return plan.AddRoute{Node: node, Route: plan.Route{Kind: kind, Dst: netip.MustParsePrefix(dst)}}
}

func forward(node, value string) []plan.Op {
	return []plan.Op{plan.SetSysctl{Node: node, Key: "net.ipv4.ip_forward", Value: value},
		plan.SetSysctl{Node: node, Key: "net.ipv6.conf.all.forwarding", Value: value}}
}

func nft(node string, r plan.NftRule) []plan.Op {
	return []plan.Op{plan.AddNftTable{Node: node}, plan.AddNftChain{Node: node, Chain: r.Chain}, plan.AddNftRule{Node: node, Rule: r}}
}

func with(ops []plan.Op, more ...plan.Op) []plan.Op { return append(ops, more...) }

type pinged struct {
	name string
	ops  []plan.Op
	from string
	to   string
	ttl  int
	want string
}

func cases() []pinged {
	noWayBack := routed()
	noWayBack = append(noWayBack, plan.DelRoute{Node: "blue", Route: plan.Route{Dst: netip.MustParsePrefix("10.1.0.0/24")}})
	masquerade := plan.NftRule{Chain: plan.Postrouting, Src: netip.MustParsePrefix("10.1.0.0/24"), Verdict: "masquerade"}
	drop := plan.NftRule{Chain: plan.Forward, IIf: "eth0", Verdict: "drop"}
	input := plan.NftRule{Chain: plan.Input, Verdict: "drop"}
	downLo := plan.SetDown{Node: "red", Name: plan.Loopback}
	return []pinged{
		{"on a cable", routed(), "red", "10.1.0.1", 0, "ok"},
		{"itself", routed(), "red", "10.1.0.2", 0, "ok"},
		{"itself, loopback down", with(routed(), downLo), "red", "10.1.0.2", 0, "silence"},
		{"through a router", routed(), "red", "10.2.0.2", 0, "ok"},
		{"through a router, IPv6", routed(), "red", "fd02::2", 0, "ok"},
		{"the router's other side", routed(), "red", "10.2.0.1", 0, "ok"},
		{"no forwarding", with(routed(), forward("router", "0")...), "red", "10.2.0.2", 0, "silence"},
		{"no forwarding, IPv6", with(routed(), forward("router", "0")...), "red", "fd02::2", 0, "silence"},
		{"no route here", routed(), "blue", "10.9.0.1", 0, "Network is unreachable"},
		{"no route here, IPv6", routed(), "blue", "fd09::1", 0, "Network is unreachable"},
		{"blackhole here", with(routed(), refuse("blue", plan.Blackhole, "10.9.0.0/16")), "blue", "10.9.0.1", 0, "Invalid argument"},
		{"prohibit here", with(routed(), refuse("blue", plan.Prohibit, "10.9.0.0/16")), "blue", "10.9.0.1", 0, "Permission denied"},
		{"unreachable here", with(routed(), refuse("blue", plan.Unreachable, "10.9.0.0/16")), "blue", "10.9.0.1", 0, "No route to host"},
		{"no route there", routed(), "red", "10.9.0.1", 0, "Destination Net Unreachable from 10.1.0.1"},
		{"no route there, IPv6", routed(), "red", "fd09::1", 0, "Destination unreachable: No route from fd01::1"},
		{"prohibit there", with(routed(), refuse("router", plan.Prohibit, "10.9.0.0/16")), "red", "10.9.0.1", 0, "Packet filtered from 10.1.0.1"},
		{"prohibit there, IPv6", with(routed(), refuse("router", plan.Prohibit, "fd09::/64")), "red", "fd09::1", 0,
			"Destination unreachable: Administratively prohibited from fd01::1"},
		{"unreachable there", with(routed(), refuse("router", plan.Unreachable, "10.9.0.0/16")), "red", "10.9.0.1", 0,
			"Destination Host Unreachable from 10.1.0.1"},
		{"unreachable there, IPv6", with(routed(), refuse("router", plan.Unreachable, "fd09::/64")), "red", "fd09::1", 0,
			"Destination unreachable: No route from fd01::1"},
		{"blackhole there", with(routed(), refuse("router", plan.Blackhole, "10.9.0.0/16")), "red", "10.9.0.1", 0, "silence"},
		{"nobody on the link", routed(), "red", "10.1.0.77", 0, "Destination Host Unreachable from 10.1.0.2"},
		{"nobody on the link, IPv6", routed(), "red", "fd01::77", 0, "Destination unreachable: Address unreachable from fd01::2"},
		{"nobody on the last link", routed(), "red", "10.2.0.77", 0, "Destination Host Unreachable from 10.1.0.1"},
		{"no way back", noWayBack, "red", "10.2.0.2", 0, "silence"},
		{"no way back, masqueraded", with(noWayBack, nft("router", masquerade)...), "red", "10.2.0.2", 0, "ok"},
		{"out of hops", routed(), "red", "10.2.0.2", 1, "Time to live exceeded from 10.1.0.1"},
		{"out of hops, IPv6", routed(), "red", "fd02::2", 1, "Time exceeded: Hop limit from fd01::1"},
		{"just enough hops", routed(), "red", "10.2.0.2", 2, "ok"},
		{"dropped by the router", with(routed(), nft("router", drop)...), "red", "10.2.0.2", 0, "silence"},
		{"other way round", with(routed(), nft("router", drop)...), "red", "10.1.0.1", 0, "ok"},
		{"dropped by the target", with(routed(), nft("blue", input)...), "red", "10.2.0.2", 0, "silence"},
		{"over a bridge", switched(), "red", "10.1.0.3", 0, "ok"},
		{"the bridge itself", switched(), "red", "10.1.0.254", 0, "ok"},
		{"from the bridge", switched(), plan.Host, "10.1.0.2", 0, "ok"},
		{"bridge down", with(switched(), plan.SetDown{Node: plan.Host, Name: "br0"}), "red", "10.1.0.3", 0,
			"Destination Host Unreachable from 10.1.0.2"},
		{"port down", with(switched(), plan.SetDown{Node: plan.Host, Name: "blue"}), "red", "10.1.0.3", 0,
			"Destination Host Unreachable from 10.1.0.2"},
		{"port taken off", with(switched(), plan.SetMaster{Node: plan.Host, Name: "blue"}), "red", "10.1.0.3", 0,
			"Destination Host Unreachable from 10.1.0.2"},
	}
}

// TestPing holds the fake's answers to those of the kernel.
func TestPing(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			if got := answer(t, fake.New(), c); got != c.want {
				t.Errorf("fake: %s, want %s", got, c.want)
			}
			t.Run("kernel", func(t *testing.T) {
				requireNetns(t)
				inNewHost(t, func(w *kernel.World) {
					if got := answer(t, w, c); got != c.want {
						t.Errorf("kernel: %s, want %s", got, c.want)
					}
				})
			})
		})
	}
}

func answer(t *testing.T, w engine.World, c pinged) string {
	for _, op := range c.ops {
		if err := w.Apply(context.Background(), op); err != nil {
			t.Errorf("%s: %v", op.Object(), err)
			return ""
		}
	}
	ping := plan.Ping{Node: c.from, To: netip.MustParseAddr(c.to), Count: 1, Wait: 4 * time.Second, TTL: c.ttl}
	if c.want == "silence" {
		ping.Wait = time.Second / 2
	}
	replies, err := w.Ping(context.Background(), []plan.Ping{ping})
	if err != nil {
		t.Error(err)
		return ""
	}
	return seen(replies[0])
}

// inNewHost runs f with a world whose host is a fresh network namespace. The
// thread is given up: it is in there. The names of nodes are the sandbox's, so
// they are taken away afterwards.
func inNewHost(t *testing.T, f func(*kernel.World)) {
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return
		}
		var w *kernel.World
		if w, err = kernel.New(); err != nil {
			return
		}
		f(w)
		err = closeWorld(w)
	}()
	<-done
	if err != nil {
		t.Error(err)
	}
}

func closeWorld(w *kernel.World) error {
	names, err := w.Nodes()
	for _, name := range names {
		err = errors.Join(err, w.Apply(context.Background(), plan.DelNS{Name: name}))
	}
	return errors.Join(err, w.Commit(), w.Close())
}
