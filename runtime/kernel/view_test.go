package kernel

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func TestLinks(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base(
		plan.AddBridge{Node: "red", Name: "br0", STP: true, MAC: "02:00:00:00:00:07", MTU: 1400},
		plan.SetMaster{Node: "red", Name: "veth-red", Master: "br0"})...)
	links, err := w.Links("red")
	if err != nil || len(links) != 3 {
		t.Fatalf("%v, %v", links, err)
	}
	for _, l := range links {
		one, err := w.Link("red", l.Name)
		if err != nil || !reflect.DeepEqual(one, l) {
			t.Errorf("Link %+v, %v; Links %+v", one, err, l)
		}
	}
	lo, veth, br := links[0], links[1], links[2]
	if lo.Name != "lo" || lo.Index != 1 || lo.Kind != "" || !lo.Up || !slices.Equal(lo.Addrs, []netip.Prefix{pfx("127.0.0.1/8"), pfx("::1/128")}) {
		t.Errorf("%+v", lo)
	}
	if veth.Kind != "veth" || veth.Master != "br0" || !veth.Carrier || veth.MTU != 1500 || veth.Node != "red" ||
		!slices.Contains(veth.Addrs, pfx("192.168.15.1/24")) || !slices.Contains(veth.Addrs, pfx("fd00::1/64")) {
		t.Errorf("%+v", veth)
	}
	if br.Kind != "bridge" || !br.STP || br.VLANFiltering || br.Up || br.MAC != "02:00:00:00:00:07" {
		t.Errorf("%+v", br)
	}
	if _, err := w.Link("red", "eth9"); !errors.Is(err, plan.ErrNoLink) {
		t.Error(err)
	}
}

func TestPeer(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base(plan.AddBridge{Node: "red", Name: "br0"})...)
	add := func(an, a, bn, b string) {
		apply(t, w, plan.AddVeth{A: plan.LinkEnd{Node: an, Name: a}, B: plan.LinkEnd{Node: bn, Name: b}})
	}
	add("host", "h1", "red", "r1")
	add("host", "h2", "blue", "b2")
	add("red", "in1", "red", "in2")
	add("host", "h3", "host", "h4")
	for range 2 { // the second time from memory
		for _, p := range [][2]plan.Ref{
			{{Node: "red", Link: "veth-red"}, {Node: "blue", Link: "veth-blue"}},
			{{Node: "host", Link: "h1"}, {Node: "red", Link: "r1"}},
			{{Node: "host", Link: "h2"}, {Node: "blue", Link: "b2"}},
			{{Node: "red", Link: "in1"}, {Node: "red", Link: "in2"}},
			{{Node: "host", Link: "h3"}, {Node: "host", Link: "h4"}},
		} {
			for i := range 2 {
				if got, err := w.Peer(p[i].Node, p[i].Link); err != nil || got != p[1-i] {
					t.Errorf("peer of %v is %v, %v", p[i], got, err)
				}
			}
		}
	}
	for _, link := range []string{"lo", "br0", "eth9"} {
		if _, err := w.Peer("red", link); !errors.Is(err, plan.ErrNoLink) {
			t.Errorf("peer of %s: %v", link, err)
		}
	}
	// A namespace without a name is not in the lab.
	apply(t, w, plan.DelNS{Name: "blue"})
	if got, err := w.Peer("red", "veth-red"); !errors.Is(err, plan.ErrNoLink) {
		t.Errorf("peer in a nameless namespace: %v, %v", got, err)
	}
	apply(t, w, plan.RestoreNS{Name: "blue"})
}

// What was added is what is there, value for value.
func TestRoutesAreWhatWasAdded(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	kernels, err := w.Routes("red")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []plan.Route{
		{Dst: pfx("192.168.15.0/24"), Hops: []plan.NextHop{{Dev: "veth-red"}}, Src: ip("192.168.15.1"), Proto: "kernel"},
		{Dst: pfx("fd00::/64"), Hops: []plan.NextHop{{Dev: "veth-red"}}, Metric: 256, Proto: "kernel"},
	} {
		if !slices.ContainsFunc(kernels, func(r plan.Route) bool { return reflect.DeepEqual(r, want) }) {
			t.Errorf("no %+v in %+v", want, kernels)
		}
	}
	for _, c := range routeCases() {
		add, ok := c.op.(plan.AddRoute)
		if !ok {
			continue
		}
		apply(t, w, add)
		now, err := w.Routes("red")
		if err != nil {
			t.Fatal(err)
		}
		want := add.Route
		for i := range want.Hops {
			want.Hops[i].Dev = "veth-red" // the kernel finds it from the gateway
		}
		if !slices.ContainsFunc(now, func(r plan.Route) bool { return reflect.DeepEqual(r, want) }) {
			t.Errorf("added %+v\nhave %+v", want, now)
		}
		apply(t, w, add.Inverse()...)
	}
}

func TestRouteTo(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base(
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("10.0.0.0/8"), Hops: []plan.NextHop{{Via: ip("192.168.15.9")}}}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("10.1.0.0/16"), Kind: plan.Blackhole}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("10.2.0.0/16"), Kind: plan.Unreachable}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("10.3.0.0/16"), Kind: plan.Prohibit}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("fd01::/64"), Kind: plan.Blackhole}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("fd02::/64"), Kind: plan.Unreachable}},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("fd03::/64"), Kind: plan.Prohibit}},
	)...)
	for to, want := range map[string]error{
		"8.8.8.8": unix.ENETUNREACH, "10.1.0.1": unix.EINVAL, "10.2.0.1": unix.EHOSTUNREACH, "10.3.0.1": unix.EACCES,
		"2001:db8::1": unix.ENETUNREACH, "fd01::1": unix.EINVAL, "fd02::1": unix.EHOSTUNREACH, "fd03::1": unix.EACCES,
	} {
		if r, err := w.RouteTo("red", plan.RouteQuery{Dst: ip(to)}); !errors.Is(err, want) {
			t.Errorf("%s: %+v, %v; want %v", to, r, err, want)
		}
	}
	for to, want := range map[string]plan.Route{
		"192.168.15.77": {Hops: []plan.NextHop{{Dev: "veth-red"}}, Src: ip("192.168.15.1")},
		"10.9.9.9":      {Hops: []plan.NextHop{{Via: ip("192.168.15.9"), Dev: "veth-red"}}, Src: ip("192.168.15.1")},
		"192.168.15.1":  {Kind: "local", Hops: []plan.NextHop{{Dev: "lo"}}, Src: ip("192.168.15.1")},
		"fd00::7":       {Hops: []plan.NextHop{{Dev: "veth-red"}}, Src: ip("fd00::1")},
	} {
		r, err := w.RouteTo("red", plan.RouteQuery{Dst: ip(to)})
		want.Dst = netip.PrefixFrom(ip(to), ip(to).BitLen())
		if err != nil || r.Kind != want.Kind || r.Dst != want.Dst || r.Src != want.Src || !slices.Equal(r.Hops, want.Hops) {
			t.Errorf("%s: %+v, %v; want %+v", to, r, err, want)
		}
	}
}

// A route is asked for as the packet is: by source, interface and mark.
func TestRouteQuery(t *testing.T) {
	w := newWorld(t)
	refuse := func(table int) plan.Op {
		return plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("0.0.0.0/0"), Kind: plan.Prohibit, Table: table}}
	}
	apply(t, w, base(
		refuse(50), plan.AddRule{Node: "red", Rule: plan.Rule{FWMark: 5, Table: 50}},
		refuse(51), plan.AddRule{Node: "red", Rule: plan.Rule{From: pfx("192.168.15.7/32"), Table: 51}},
		refuse(52), plan.AddRule{Node: "red", Rule: plan.Rule{IIf: "veth-red", To: pfx("192.168.15.8/32"), Table: 52}},
		plan.SetSysctl{Node: "red", Key: "net.ipv4.ip_forward", Value: "1"},
	)...)
	to, from := ip("192.168.15.77"), ip("192.168.15.9")
	for _, c := range []struct {
		q    plan.RouteQuery
		want error
	}{
		{plan.RouteQuery{Dst: to}, nil},
		{plan.RouteQuery{Dst: to, Mark: 5}, unix.EACCES},
		{plan.RouteQuery{Dst: to, Mark: 6}, nil},
		{plan.RouteQuery{Dst: to, Src: from, IIf: "veth-red"}, nil},
		{plan.RouteQuery{Dst: to, Src: ip("192.168.15.7"), IIf: "veth-red"}, unix.EACCES},
		{plan.RouteQuery{Dst: ip("192.168.15.8")}, nil},
		{plan.RouteQuery{Dst: ip("192.168.15.8"), Src: from, IIf: "veth-red"}, unix.EACCES},
		{plan.RouteQuery{Dst: to, Src: ip("192.168.15.1"), IIf: "veth-red"}, unix.EINVAL}, // its own address
		{plan.RouteQuery{Dst: to, Src: from, IIf: "veth-none"}, plan.ErrNoLink},
	} {
		if r, err := w.RouteTo("red", c.q); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, %v; want %v", c.q, r, err, c.want)
		}
	}
	apply(t, w, plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.veth-red.forwarding", Value: "0"})
	q := plan.RouteQuery{Dst: to, Src: from, IIf: "veth-red"}
	if r, err := w.RouteTo("red", q); !errors.Is(err, unix.EHOSTUNREACH) {
		t.Errorf("not forwarded: %v, %v", r, err)
	}
}

func TestRules(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	if rules, err := w.Rules("red"); err != nil || len(rules) != 0 {
		t.Errorf("a new namespace has no rules but the kernel's: %v, %v", rules, err)
	}
	for _, want := range []plan.Rule{
		{Priority: 50, From: pfx("10.0.0.0/8"), To: pfx("10.9.0.1/32"), IIf: "lo", FWMark: 7, Table: 1000},
		{Priority: 51, To: pfx("fd00::/64"), Table: 100},
		{Priority: 52, V6: true, FWMark: 1, Table: 254},
	} {
		apply(t, w, plan.AddRule{Node: "red", Rule: want})
		if rules, err := w.Rules("red"); err != nil || !slices.Contains(rules, want) {
			t.Errorf("added %+v, have %+v, %v", want, rules, err)
		}
	}
}

func TestNeighbours(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	mac := "02:00:00:00:00:09"
	shell(t, "ip", "-n", "red", "neigh", "add", "192.168.15.2", "lladdr", mac, "dev", "veth-red")
	shell(t, "ip", "-n", "red", "neigh", "add", "fd00::2", "lladdr", mac, "dev", "veth-red", "nud", "stale")
	ns, err := w.Neighbours("red")
	want := []plan.Neighbour{
		{IP: ip("192.168.15.2"), Dev: "veth-red", MAC: mac, State: "permanent"},
		{IP: ip("fd00::2"), Dev: "veth-red", MAC: mac, State: "stale"},
	}
	if err != nil || !slices.Equal(ns, want) {
		t.Errorf("%+v, %v", ns, err)
	}
}

// A rule reads the same whether an op made it or nft from its text.
func TestNftReadsBack(t *testing.T) {
	w := newWorld(t)
	if st, err := w.Nft(plan.Host); err != nil || st.Exists {
		t.Fatalf("%+v, %v", st, err)
	}
	apply(t, w, plan.AddNftTable{Node: plan.Host})
	chains := []plan.Chain{plan.Prerouting, plan.OutputNAT, plan.Postrouting, plan.Input, plan.Forward, plan.Output, plan.MarkIn, plan.MarkOut}
	for _, c := range chains {
		apply(t, w, plan.AddNftChain{Node: plan.Host, Chain: c})
	}
	for _, r := range nftRules() {
		add := plan.AddNftRule{Node: plan.Host, Rule: r}
		apply(t, w, add)
		for _, c := range add.Commands() {
			shell(t, c...)
		}
		st, err := w.Nft(plan.Host)
		if err != nil || !st.Exists || !slices.Equal(st.Chains, chains) || !slices.Equal(st.Rules(), []plan.NftRule{r, r}) {
			t.Errorf("added %+v twice, have %+v, %v", r, st, err)
		}
		apply(t, w, plan.DelNftRule(add), plan.DelNftRule(add))
	}
	err := w.Apply(context.Background(), plan.DelNftRule{Node: plan.Host, Rule: nftRules()[0]})
	if !errors.Is(err, unix.ENOENT) {
		t.Errorf("deleting a rule that is not there: %v", err)
	}
}

// A rule is where it was put, and is deleted from there only.
func TestNftPlace(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNftTable{Node: plan.Host}, plan.AddNftChain{Node: plan.Host, Chain: plan.Forward})
	rule := func(comment string, place int) plan.AddNftRule {
		return plan.AddNftRule{Node: plan.Host, Place: place, Rule: plan.NftRule{Chain: plan.Forward, Verdict: "drop", Comment: comment}}
	}
	order := func(want string) {
		t.Helper()
		st, err := w.Nft(plan.Host)
		got := ""
		for _, r := range st.Rules() {
			got += r.Comment
		}
		if err != nil || got != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	apply(t, w, rule("b", 0), rule("a", 1), rule("d", 3), rule("c", 3), rule("a", 0))
	order("abcda")
	apply(t, w, plan.DelNftRule(rule("a", 1)), plan.DelNftRule(rule("c", 2)))
	order("bda")
	for _, op := range []plan.Op{rule("x", 5), plan.DelNftRule(rule("a", 1)), plan.DelNftRule(rule("a", 4))} {
		if err := w.Apply(context.Background(), op); !errors.Is(err, unix.ENOENT) {
			t.Errorf("%s: %v", op.Effect().Object, err)
		}
	}
	order("bda")
	shell(t, "nft", "add", "rule", "inet", plan.NftTable, "forward", "ip ttl 1 counter drop")
	if st, _ := w.CountedNft(plan.Host); len(st.Rules()) != 4 || st.Rules()[3].Verdict != plan.Foreign || len(st.Counts) != 4 {
		t.Errorf("another program's rule: %+v", st)
	}
}

func TestSysctl(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddVeth{
		A: plan.LinkEnd{Node: "red", Name: "eth0.10"}, B: plan.LinkEnd{Node: "red", Name: "other"}},
		plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.eth0/10.rp_filter", Value: "2"})
	for _, key := range []string{"net.ipv4.conf.eth0/10.rp_filter", "net/ipv4/conf/eth0.10/rp_filter"} {
		if v, err := w.Sysctl("red", key); v != "2" || err != nil {
			t.Errorf("%s = %q, %v", key, v, err)
		}
	}
	if v, err := w.Sysctl("red", "net.ipv4.tcp_rmem"); err != nil || len(v) < 5 || v[len(v)-1] == '\n' {
		t.Errorf("%q, %v", v, err)
	}
	apply(t, w, plan.SetSysctl{Node: "red", Key: "net.ipv4.ip_forward", Value: "1"},
		plan.SetSysctl{Node: plan.Host, Key: "net.ipv4.ip_forward", Value: "0"})
	if v, _ := w.Sysctl("red", "net.ipv4.ip_forward"); v != "1" {
		t.Errorf("red's own setting is %q", v)
	}
	for _, key := range []string{
		"", "net", "net.", "net/", "net..ipv4.ip_forward", "net/../kernel/hostname", "net.//.kernel.hostname",
		"kernel.hostname", "/net/ipv4/ip_forward", "net.ipv4", "net.ipv4.ip_forward.x", "net.ipv4.conf.none.rp_filter",
		"net/ipv4/../../kernel/hostname", "net.ipv4.ip_forward\x00x",
	} {
		if v, err := w.Sysctl("red", key); !errors.Is(err, plan.ErrNoSysctl) {
			t.Errorf("%q = %q, %v", key, v, err)
		}
	}
}

// Questions may come from many goroutines while handles come and go.
func TestManyAskers(t *testing.T) {
	w := newWorld(t)
	w.limit = 2
	for i := range 4 {
		apply(t, w, plan.AddNS{Name: fmt.Sprintf("n%d", i)})
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			node := fmt.Sprintf("n%d", i%4)
			for range 30 {
				if l, err := w.Links(node); err != nil || len(l) != 1 {
					t.Errorf("%v, %v", l, err)
				}
				if _, err := w.Nft(node); err != nil {
					t.Error(err)
				}
				if _, err := w.Sysctl(node, "net.ipv4.ip_forward"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestRulesOfManyNodes reads the rules of more nodes than the nftables library could
// hold connections to.
func TestRulesOfManyNodes(t *testing.T) {
	w := newWorld(t)
	for i := range 400 {
		name := fmt.Sprintf("n%d", i)
		apply(t, w, plan.AddNS{Name: name})
		if _, err := w.Nft(name); err != nil {
			t.Fatal(err)
		}
	}
}
