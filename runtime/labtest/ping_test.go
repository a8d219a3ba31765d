package labtest_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"nsl/runtime/engine"
	runtimelab "nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

var _ engine.World = (*labtest.World)(nil)

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

func sysctl(node, key, value string) plan.Op {
	return plan.SetSysctl{Node: node, Key: key, Value: value}
}

// ruled are policy rules by interface, destination and source that lead to tables
// that refuse.
func ruled() []plan.Op {
	table := func(node, kind, dst string, number int) plan.Op {
		return plan.AddRoute{Node: node, Route: plan.Route{Kind: kind, Dst: netip.MustParsePrefix(dst), Table: number}}
	}
	return []plan.Op{
		table("router", plan.Blackhole, "0.0.0.0/0", 66), plan.AddRule{Node: "router", Rule: plan.Rule{IIf: "eth0", To: netip.MustParsePrefix("10.2.0.0/24"), Table: 66}},
		table("router", plan.Unreachable, "::/0", 67), plan.AddRule{Node: "router", Rule: plan.Rule{From: netip.MustParsePrefix("fd01::/64"), Table: 67}},
		table("blue", plan.Blackhole, "0.0.0.0/0", 68), plan.AddRule{Node: "blue", Rule: plan.Rule{To: netip.MustParsePrefix("10.1.0.0/24"), Table: 68}},
	}
}

// twoWays is routed with a second cable between router and blue, by which blue has
// no route back.
func twoWays() []plan.Op {
	return with(routed(), append(cable("router", "eth2", "blue", "eth1"), addrs("router eth2 10.3.0.1/24", "blue eth1 10.3.0.2/24")...)...)
}

func nft(node string, r plan.NftRule) []plan.Op {
	return []plan.Op{plan.AddNftTable{Node: node}, plan.AddNftChain{Node: node, Chain: r.Chain}, plan.AddNftRule{Node: node, Rule: r}}
}

func with(ops []plan.Op, more ...plan.Op) []plan.Op { return append(ops, more...) }

// scenario is a lab and the pings that are sent in it, all at once.
type scenario struct {
	name  string
	ops   []plan.Op
	pings []pinged
}

type pinged struct {
	from, to string
	ttl      int
	want     string
}

func scenarios() []scenario {
	noWayBack := with(routed(), plan.DelRoute{Node: "blue", Route: plan.Route{Dst: netip.MustParsePrefix("10.1.0.0/24")}})
	masquerade := plan.NftRule{Chain: plan.Postrouting, Src: netip.MustParsePrefix("10.1.0.0/24"), Verdict: "masquerade"}
	drop := plan.NftRule{Chain: plan.Forward, IIf: "eth0", Verdict: "drop"}
	input := plan.NftRule{Chain: plan.Input, Verdict: "drop"}
	return []scenario{
		{"routed", routed(), routedPings()},
		{"loopback down", with(routed(), plan.SetDown{Node: "red", Name: plan.Loopback}), []pinged{{"red", "10.1.0.2", 0, "silence"}}},
		{"no forwarding on an interface", with(routed(), sysctl("router", "net.ipv4.conf.eth0.forwarding", "0"), sysctl("router", "net.ipv6.conf.eth0.forwarding", "0")), []pinged{
			{"red", "10.2.0.2", 0, "silence"}, {"red", "10.9.0.1", 0, "silence"}, {"red", "10.2.0.1", 0, "ok"}, {"red", "fd02::2", 0, "ok"}, {"blue", "10.1.0.2", 0, "silence"}}},
		{"forwarding on an interface only", with(routed(), append(forward("router", "0"), sysctl("router", "net.ipv4.conf.eth0.forwarding", "1"),
			sysctl("router", "net.ipv4.conf.eth1.forwarding", "1"), sysctl("router", "net.ipv6.conf.eth0.forwarding", "1"))...), []pinged{
			{"red", "10.2.0.2", 0, "ok"}, {"red", "fd02::2", 0, "silence"}}},
		{"policy rules", with(routed(), ruled()...), []pinged{
			{"red", "10.2.0.2", 0, "silence"}, {"red", "10.2.0.1", 0, "ok"}, {"red", "fd02::2", 0, "silence"},
			{"router", "10.2.0.2", 0, "ok"}, {"blue", "10.1.0.1", 0, "Invalid argument"}, {"blue", "10.1.0.2", 0, "Invalid argument"}}},
		{"strict reverse path", with(twoWays(), sysctl("blue", "net.ipv4.conf.eth1.rp_filter", "1")), []pinged{
			{"red", "10.2.0.2", 0, "ok"}, {"red", "10.3.0.2", 0, "silence"}, {"router", "10.3.0.2", 0, "ok"}}},
		{"loose reverse path", with(twoWays(), sysctl("blue", "net.ipv4.conf.all.rp_filter", "2")), []pinged{
			{"red", "10.2.0.2", 0, "ok"}, {"red", "10.3.0.2", 0, "ok"}}},
		{"a source without an owner", with(noWayBack, sysctl("blue", "net.ipv4.conf.all.rp_filter", "2")), []pinged{{"red", "10.2.0.2", 0, "silence"}}},
		{"a source of the router's own", with(routed(), addrs("router eth1 10.1.0.2/32")...), []pinged{{"red", "10.2.0.2", 0, "silence"}}},
		{"no forwarding", with(routed(), forward("router", "0")...), []pinged{
			{"red", "10.2.0.2", 0, "silence"}, {"red", "fd02::2", 0, "silence"}, {"red", "fd09::1", 0, "Destination unreachable: No route from fd01::1"}, {"red", "10.9.0.1", 0, "silence"}, {"red", "10.2.0.1", 0, "ok"}}},
		{"refused", refusing(), refusedPings()},
		{"no way back", noWayBack, []pinged{{"red", "10.2.0.2", 0, "silence"}}},
		{"no way back, masqueraded", with(noWayBack, nft("router", masquerade)...), []pinged{{"red", "10.2.0.2", 0, "ok"}}},
		{"dropped by the router", with(routed(), nft("router", drop)...), []pinged{
			{"red", "10.2.0.2", 0, "silence"}, {"red", "10.1.0.1", 0, "ok"}}},
		{"dropped by the target", with(routed(), nft("blue", input)...), []pinged{{"red", "10.2.0.2", 0, "silence"}}},
		{"rejected by the router", with(routed(), nft("router", plan.NftRule{Chain: plan.Forward, Verdict: "reject"})...), []pinged{
			{"red", "10.2.0.2", 0, "Packet filtered from 10.1.0.1"}, {"red", "fd02::2", 0, "Destination unreachable: Administratively prohibited from fd01::1"},
			{"red", "10.1.0.1", 0, "ok"}}},
		{"not let out", with(routed(), nft("red", plan.NftRule{Chain: plan.Output, OIf: plan.Loopback, NotOIf: true, Proto: "icmp", Verdict: "drop"})...), []pinged{
			{"red", "10.1.0.1", 0, "Operation not permitted"}, {"red", "10.1.0.2", 0, "ok"}, {"red", "fd02::2", 0, "ok"}}},
		{"answers not let in", with(routed(), nft("red", plan.NftRule{Chain: plan.Input, Src: netip.MustParsePrefix("10.2.0.0/24"), State: plan.StateEstablished, Verdict: "drop"})...), []pinged{
			{"red", "10.2.0.2", 0, "silence"}, {"red", "10.1.0.1", 0, "ok"}}},
		{"only answers let in", with(routed(), append(nft("red", plan.NftRule{Chain: plan.Input, State: plan.StateEstablished, Verdict: "accept"}),
			plan.AddNftRule{Node: "red", Rule: plan.NftRule{Chain: plan.Input, Proto: "icmp", Verdict: "drop"}})...), []pinged{
			{"red", "10.2.0.2", 0, "ok"}, {"router", "10.1.0.2", 0, "silence"}}},
		{"other protocols dropped", with(routed(), nft("blue", plan.NftRule{Chain: plan.Input, Proto: "tcp", Ports: plan.OnePort(80), Verdict: "drop"})...), []pinged{
			{"red", "10.2.0.2", 0, "ok"}}},
		{"switched", switched(), []pinged{
			{"red", "10.1.0.3", 0, "ok"}, {"red", "10.1.0.254", 0, "ok"}, {plan.Host, "10.1.0.2", 0, "ok"}}},
		{"bridge down", with(switched(), plan.SetDown{Node: plan.Host, Name: "br0"}), []pinged{
			{"red", "10.1.0.3", 0, "Destination Host Unreachable from 10.1.0.2"}}},
		{"port taken off", with(switched(), plan.SetMaster{Node: plan.Host, Name: "blue"}), []pinged{
			{"red", "10.1.0.3", 0, "Destination Host Unreachable from 10.1.0.2"}, {"red", "10.1.0.254", 0, "ok"}}},
	}
}

func routedPings() []pinged {
	return []pinged{
		{"red", "10.1.0.1", 0, "ok"},
		{"red", "10.1.0.2", 0, "ok"},
		{"red", "10.2.0.1", 0, "ok"},
		{"red", "10.2.0.2", 0, "ok"},
		{"red", "fd02::2", 0, "ok"},
		{"blue", "10.9.0.1", 0, "Network is unreachable"},
		{"blue", "fd09::1", 0, "Network is unreachable"},
		{"red", "10.9.0.1", 0, "Destination Net Unreachable from 10.1.0.1"},
		{"red", "fd09::1", 0, "Destination unreachable: No route from fd01::1"},
		{"red", "10.1.0.77", 0, "Destination Host Unreachable from 10.1.0.2"},
		{"red", "fd01::77", 0, "Destination unreachable: Address unreachable from fd01::2"},
		{"red", "10.2.0.77", 0, "Destination Host Unreachable from 10.1.0.1"},
		{"red", "10.2.0.2", 1, "Time to live exceeded from 10.1.0.1"},
		{"red", "fd02::2", 1, "Time exceeded: Hop limit from fd01::1"},
		{"red", "10.2.0.2", 2, "ok"},
	}
}

// refusing has routes that refuse, on red itself (10.8, fd08) and on the router.
func refusing() []plan.Op {
	return with(routed(),
		refuse("red", plan.Blackhole, "10.8.1.0/24"), refuse("red", plan.Prohibit, "10.8.2.0/24"), refuse("red", plan.Unreachable, "10.8.3.0/24"),
		refuse("router", plan.Blackhole, "10.9.1.0/24"), refuse("router", plan.Prohibit, "10.9.2.0/24"), refuse("router", plan.Unreachable, "10.9.3.0/24"),
		refuse("router", plan.Prohibit, "fd09:2::/64"), refuse("router", plan.Unreachable, "fd09:3::/64"))
}

func refusedPings() []pinged {
	return []pinged{
		{"red", "10.8.1.1", 0, "Invalid argument"},
		{"red", "10.8.2.1", 0, "Permission denied"},
		{"red", "10.8.3.1", 0, "No route to host"},
		{"red", "10.9.1.1", 0, "silence"},
		{"red", "10.9.2.1", 0, "Packet filtered from 10.1.0.1"},
		{"red", "10.9.3.1", 0, "Destination Host Unreachable from 10.1.0.1"},
		{"red", "fd09:2::1", 0, "Destination unreachable: Administratively prohibited from fd01::1"},
		{"red", "fd09:3::1", 0, "Destination unreachable: No route from fd01::1"},
	}
}

// TestPing holds the fake's answers to those of the kernel, and what is predicted of
// the kernel to what it does.
func TestPing(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.try(t, labtest.NewWorld())
			t.Run("kernel", func(t *testing.T) {
				if labtest.Alone(t) {
					s.onKernel(t)
				}
			})
		})
	}
}

func (s scenario) try(t *testing.T, w engine.World) {
	for _, op := range s.ops {
		if err := w.Apply(context.Background(), op); err != nil {
			t.Errorf("%s: %v", op.Effect().Object, err)
			return
		}
	}
	var requests []plan.Ping
	for _, p := range s.pings {
		// A failed address resolution takes the kernel three seconds.
		r := plan.Ping{Node: p.from, To: netip.MustParseAddr(p.to), Count: 1, Wait: 4 * time.Second, TTL: p.ttl}
		switch p.want {
		case "silence":
			r.Wait = time.Second / 2
		case "ok":
			// A bridge drops what is sent before the kernel has noticed that its
			// ports are up (linkwatch, once a second).
			r.Count, r.Gap = 4, time.Second/2
		}
		requests = append(requests, r)
	}
	replies, err := w.Ping(context.Background(), requests)
	if err != nil {
		t.Error(err)
		return
	}
	for i, p := range s.pings {
		if got := seen(replies[i]); got != p.want {
			t.Errorf("%T: %s to %s (TTL %d): %s, want %s", w, p.from, p.to, p.ttl, got, p.want)
		}
		if got := seen(labtest.Predict(w, requests[i])); got != p.want {
			t.Errorf("%T: %s to %s (TTL %d): predicted %s, want %s", w, p.from, p.to, p.ttl, got, p.want)
		}
	}
}

// onKernel tries it in the namespaces that the test has for itself.
func (s scenario) onKernel(t *testing.T) {
	w, err := runtimelab.New()
	if err != nil {
		t.Fatal(err)
	}
	s.try(t, w)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
