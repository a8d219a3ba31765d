package model_test

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func hop(via, dev string) []plan.NextHop {
	h := plan.NextHop{Dev: dev}
	if via != "" {
		h.Via = netip.MustParseAddr(via)
	}
	return []plan.NextHop{h}
}

// small is red and blue on a cable, with addresses.
func small(t testing.TB) *model.Model {
	m := model.New()
	must(t, m, plan.AddNS{Name: "red"}, plan.Baseline{Node: "red"}, plan.AddNS{Name: "blue"},
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}},
		plan.SetUp{Node: "red", Name: "eth0"},
		plan.AddAddr{Node: "red", Link: "eth0", Addr: prefix("10.0.0.1/24")},
		plan.AddAddr{Node: "red", Link: "eth0", Addr: prefix("fd00::1/64")},
		plan.AddRoute{Node: "red", Route: plan.Route{Dst: prefix("0.0.0.0/0"), Hops: hop("10.0.0.2", "")}},
		plan.AddBridge{Node: "red", Name: "br0"})
	return m
}

func must(t testing.TB, m *model.Model, ops ...plan.Op) {
	t.Helper()
	for _, op := range ops {
		if err := m.Apply(op); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRefusals needs no kernel: TestAsTheKernel shows that these are its own.
func TestRefusals(t *testing.T) {
	route := func(dst, via, dev string) plan.Op {
		return plan.AddRoute{Node: "red", Route: plan.Route{Dst: prefix(dst), Hops: hop(via, dev)}}
	}
	addr := func(link, a string) plan.Op { return plan.AddAddr{Node: "red", Link: link, Addr: prefix(a)} }
	for _, c := range []struct {
		op   plan.Op
		want error
	}{
		{plan.AddNS{Name: "red"}, syscall.EEXIST},
		{plan.AddNS{Name: plan.Host}, syscall.EINVAL},
		{plan.DelNS{Name: "green"}, plan.ErrNoNode},
		{plan.AddBridge{Node: "red", Name: "eth0"}, syscall.EEXIST},
		{plan.AddBridge{Node: "red", Name: "sixteen-is-much!"}, syscall.ERANGE},
		{plan.AddBridge{Node: "red", Name: "br1", MAC: "01:00:00:00:00:01"}, syscall.EADDRNOTAVAIL},
		{plan.SetUp{Node: "green", Name: "eth0"}, plan.ErrNoNode},
		{plan.SetUp{Node: "red", Name: "eth1"}, plan.ErrNoLink},
		{plan.DelLink{Node: "red", Name: "lo"}, syscall.EOPNOTSUPP},
		{plan.SetMTU{Node: "red", Name: "eth0", MTU: 67}, syscall.EINVAL},
		{plan.SetMaster{Node: "red", Name: "br0", Master: "eth0"}, syscall.EOPNOTSUPP},
		{plan.SetMaster{Node: "red", Name: "lo", Master: "br0"}, syscall.EINVAL},
		{addr("eth0", "10.0.0.1/24"), syscall.EEXIST},
		{addr("eth0", "fd00::1/80"), syscall.EEXIST},
		{addr("eth0", "::1/128"), syscall.EADDRNOTAVAIL},
		{plan.DelAddr{Node: "red", Link: "eth0", Addr: prefix("10.0.0.1/16")}, syscall.EADDRNOTAVAIL},
		{route("0.0.0.0/0", "10.0.0.3", ""), syscall.EEXIST},
		{route("10.1.0.0/16", "10.9.0.1", ""), syscall.ENETUNREACH},
		{route("10.1.0.0/16", "10.0.0.255", ""), syscall.EINVAL},
		{route("10.1.0.1/16", "10.0.0.2", ""), syscall.EINVAL},
		{route("10.1.0.0/16", "", "br0"), syscall.ENETDOWN},
		{route("10.1.0.0/16", "", "eth1"), plan.ErrNoLink},
		{route("fd01::/64", "fd09::1", ""), syscall.EHOSTUNREACH},
		{route("fd01::/64", "fd00::1", ""), syscall.EINVAL},
		{plan.DelRoute{Node: "red", Route: plan.Route{Dst: prefix("10.1.0.0/16")}}, syscall.ESRCH},
		{plan.DelRule{Node: "red", Rule: plan.Rule{Table: 100}}, syscall.ENOENT},
		{plan.SetSysctl{Node: "red", Key: "net.ipv4.ip_forward", Value: "on"}, syscall.EINVAL},
		{plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.eth1.rp_filter", Value: "0"}, plan.ErrNoSysctl},
		{plan.DelNftTable{Node: "red"}, syscall.ENOENT},
		{plan.AddNftRule{Node: "red", Rule: plan.NftRule{Chain: plan.Forward, Verdict: "drop"}}, syscall.ENOENT},
		{plan.Exec{Node: "green"}, plan.ErrNoNode},
	} {
		t.Run(fmt.Sprintf("%T %s", c.op, c.op.Effect().Object), func(t *testing.T) {
			m := small(t)
			before, _ := labtest.Dump(m)
			if err := m.Apply(c.op); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if after, _ := labtest.Dump(m); after != before {
				t.Errorf("a refused op had an effect:\n%s", after)
			}
		})
	}
}

func TestBridgeIsFull(t *testing.T) {
	m := model.New()
	must(t, m, plan.AddBridge{Node: plan.Host, Name: "br0"})
	port := func(i int) plan.Op {
		return plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: fmt.Sprint("p", i), Master: "br0"},
			B: plan.LinkEnd{Node: plan.Host, Name: fmt.Sprint("q", i)}}
	}
	for i := range plan.MaxBridgePorts {
		must(t, m, port(i))
	}
	if err := m.Apply(port(plan.MaxBridgePorts)); !errors.Is(err, syscall.EXFULL) {
		t.Errorf("one port too many: %v", err)
	}
}

func TestUnknownSettings(t *testing.T) {
	m := small(t)
	const key = "net.netfilter.nf_conntrack_max"
	if v, err := m.Sysctl("red", key); v != "" || err != nil {
		t.Errorf("never written: %q, %v", v, err)
	}
	must(t, m, plan.SetSysctl{Node: "red", Key: key, Value: "5"})
	if v, err := m.Sysctl("red", key); v != "5" || err != nil {
		t.Errorf("written: %q, %v", v, err)
	}
	if _, err := m.Sysctl("red", "kernel.hostname"); !errors.Is(err, plan.ErrNoSysctl) {
		t.Errorf("not a namespace's: %v", err)
	}
}

// BenchmarkNodes builds a node with a cable to a bridge of 1000 ports at most:
// seven ops.
func BenchmarkNodes(b *testing.B) {
	m := model.New()
	for i := range b.N {
		br, n := fmt.Sprint("br", i/1000), fmt.Sprint("n", i)
		if i%1000 == 0 {
			must(b, m, plan.AddBridge{Node: plan.Host, Name: br}, plan.SetUp{Node: plan.Host, Name: br})
		}
		must(b, m, plan.AddNS{Name: n}, plan.Baseline{Node: n}, plan.SetUp{Node: n, Name: "lo"},
			plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: n, Master: br}, B: plan.LinkEnd{Node: n, Name: "eth0"}},
			plan.SetUp{Node: n, Name: "eth0"}, plan.SetUp{Node: plan.Host, Name: n},
			plan.AddAddr{Node: n, Link: "eth0", Addr: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 8)})
	}
}

// The upper devices of an interface follow it, and goes with it.
func TestLayers(t *testing.T) {
	m := model.New()
	on := plan.LinkOptions{Lower: plan.Ref{Node: "red", Link: "eth0"}, Mode: "bridge"}
	vlan := plan.LinkOptions{Lower: plan.Ref{Node: "red", Link: "eth0"}, ID: 7}
	far := plan.LinkOptions{Lower: plan.Ref{Node: "red", Link: "eth0"}, ID: 7, Port: 4789}
	must(t, m, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"},
		plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "eth0"}, B: plan.LinkEnd{Node: "blue", Name: "eth0"}})
	if err := m.Apply(plan.AddLink{Node: "red", Name: "v7", Kind: plan.VLAN, LinkOptions: vlan}); err != nil {
		t.Fatal(err)
	}
	if err := m.Apply(plan.SetUp{Node: "red", Name: "v7"}); !errors.Is(err, syscall.ENETDOWN) {
		t.Errorf("a VLAN is up on what is down: %v", err)
	}
	must(t, m, plan.SetUp{Node: "red", Name: "eth0"},
		plan.AddLink{Node: "blue", Name: "m0", Kind: plan.MACVLAN, LinkOptions: on},
		plan.AddLink{Node: "blue", Name: "x0", Kind: plan.VXLAN, LinkOptions: far},
		plan.SetMTU{Node: "red", Name: "eth0", MTU: 1300}, plan.RenameLink{Node: "red", Name: "eth0", To: "wan"})
	for name, want := range map[plan.Ref]int{{Node: "red", Link: "v7"}: 1300, {Node: "blue", Link: "m0"}: 1300, {Node: "blue", Link: "x0"}: 1450} {
		l, err := m.Link(name.Node, name.Link)
		if err != nil || l.MTU != want || l.Lower != (plan.Ref{Node: "red", Link: "wan"}) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	if l, _ := m.Link("red", "v7"); !l.Up {
		t.Error("the VLAN did not come up with its interface")
	}
	must(t, m, plan.SetDown{Node: "red", Name: "wan"})
	if l, _ := m.Link("red", "v7"); l.Up {
		t.Error("the VLAN did not go down with its interface")
	}
	must(t, m, plan.DelLink{Node: "blue", Name: "eth0"})
	for _, node := range []string{"red", "blue"} {
		if links, err := m.Links(node); err != nil || len(links) != 1 {
			t.Errorf("%s: %v, %v", node, links, err)
		}
	}
}
