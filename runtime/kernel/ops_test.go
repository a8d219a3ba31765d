package kernel

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// opCase is an op in a lab where it can be done.
type opCase struct {
	name  string
	setup []plan.Op
	op    plan.Op
	// keeps marks an op that has nothing to change in a dump.
	keeps bool
	// needs is a feature of the kernel that it cannot do without.
	needs string
}

// base is red and blue on a cable with addresses of both families, all up.
func base(more ...plan.Op) []plan.Op {
	return append([]plan.Op{
		plan.AddNS{Name: "red"}, plan.Baseline{Node: "red"}, plan.SetUp{Node: "red", Name: "lo"},
		plan.AddNS{Name: "blue"}, plan.Baseline{Node: "blue"}, plan.SetUp{Node: "blue", Name: "lo"},
		cable,
		plan.SetUp{Node: "red", Name: "veth-red"}, plan.SetUp{Node: "blue", Name: "veth-blue"},
		plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("192.168.15.1/24")},
		plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")},
	}, more...)
}

var cable = plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "veth-red"}, B: plan.LinkEnd{Node: "blue", Name: "veth-blue"}}

func linkCases() []opCase {
	red := []plan.Op{plan.AddNS{Name: "red"}}
	bridge := plan.AddBridge{Node: "red", Name: "br0"}
	updown := append(base(), plan.SetDown{Node: "red", Name: "veth-red"})
	return []opCase{
		{name: "ns", op: plan.AddNS{Name: "red"}},
		{name: "del ns", setup: base(), op: plan.DelNS{Name: "red"}},
		{name: "veth", setup: red, op: plan.AddVeth{
			A: plan.LinkEnd{Node: plan.Host, Name: "left"}, B: plan.LinkEnd{Node: "red", Name: "right"}}},
		{name: "veth in one", setup: red, op: plan.AddVeth{
			A: plan.LinkEnd{Node: "red", Name: "left"}, B: plan.LinkEnd{Node: "red", Name: "right"}}},
		{name: "veth all", setup: append(red, plan.AddNS{Name: "blue"}, bridge), op: plan.AddVeth{
			A: plan.LinkEnd{Node: "red", Name: "left", MTU: 1400, MAC: "02:00:00:00:00:01", Master: "br0"},
			B: plan.LinkEnd{Node: "blue", Name: "right", MTU: 1300, MAC: "02:00:00:00:00:02"}}},
		{name: "veth up", setup: append(red, plan.AddNS{Name: "blue"}, bridge), op: plan.AddVeth{
			A: plan.LinkEnd{Node: "red", Name: "left", Master: "br0", Up: true},
			B: plan.LinkEnd{Node: "blue", Name: "right"}}},
		{name: "bridge", setup: red, op: bridge},
		{name: "bridge stp", setup: red, op: plan.AddBridge{
			Node: "red", Name: "br0", STP: true, MTU: 1400, MAC: "02:00:00:00:00:03"}},
		{name: "del link", setup: base(), op: plan.DelLink{Node: "red", Name: "veth-red", Was: base()[6:]}},
		{name: "up", setup: updown, op: plan.SetUp{Node: "red", Name: "veth-red"}},
		{name: "down", setup: base(), op: plan.SetDown{Node: "red", Name: "veth-red",
			Was: []plan.Op{plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")}}}},
		{name: "master", setup: base(bridge), op: plan.SetMaster{Node: "red", Name: "veth-red", Master: "br0"}},
		{name: "nomaster", setup: base(bridge, plan.SetMaster{Node: "red", Name: "veth-red", Master: "br0"}),
			op: plan.SetMaster{Node: "red", Name: "veth-red", Was: "br0"}},
		{name: "mtu", setup: base(), op: plan.SetMTU{Node: "red", Name: "veth-red", MTU: 1400, Was: 1500}},
	}
}

func addrCases() []opCase {
	var cases []opCase
	for _, a := range []string{"10.9.0.1/30", "10.9.0.1/32", "10.9.0.0/31", "127.0.0.5/8", "10.9.0.1/0", "fd01::1/64", "fd01::1/128", "2001:db8::5/127"} {
		cases = append(cases,
			opCase{name: "addr " + a, setup: base(), op: plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx(a)}},
			opCase{name: "del addr " + a, setup: base(plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx(a)}),
				op: plan.DelAddr{Node: "red", Link: "veth-red", Addr: pfx(a)}})
	}
	for _, w := range []plan.AddrWith{
		{Addr: pfx("10.9.0.1/24"), AddrOptions: plan.AddrOptions{Broadcast: true}},
		{Addr: pfx("10.9.0.1/32"), AddrOptions: plan.AddrOptions{Peer: ip("10.9.0.2")}},
		{Addr: pfx("10.9.0.1/24"), AddrOptions: plan.AddrOptions{Peer: ip("10.8.0.2"), Label: "veth-red:web", Scope: "link"}},
		{Addr: pfx("192.168.15.7/24"), AddrOptions: plan.AddrOptions{Label: "veth-red:two", NoPrefixRoute: true}},
		{Addr: pfx("10.9.0.1/24"), AddrOptions: plan.AddrOptions{NoPrefixRoute: true, Valid: 3600, Preferred: 1800}},
		{Addr: pfx("10.9.0.1/24"), AddrOptions: plan.AddrOptions{Scope: "host"}},
		{Addr: pfx("127.0.0.9/8"), AddrOptions: plan.AddrOptions{Scope: "global"}},
		{Addr: pfx("fd09::1/128"), AddrOptions: plan.AddrOptions{Peer: ip("fd09::2")}},
		{Addr: pfx("fd09::1/64"), AddrOptions: plan.AddrOptions{Peer: ip("fd08::2"), Deprecated: true}},
		{Addr: pfx("fd09::1/64"), AddrOptions: plan.AddrOptions{NoPrefixRoute: true, Valid: 3600}},
		{Addr: pfx("fd09::1/64"), AddrOptions: plan.AddrOptions{Valid: 3600}},
	} {
		add := plan.AddAddr{Node: "red", Link: "veth-red", Addr: w.Addr, AddrOptions: w.AddrOptions}
		name := w.Addr.String() + " " + w.Describe()
		cases = append(cases, opCase{name: "addr " + name, setup: base(), op: add},
			opCase{name: "del addr " + name, setup: base(add), op: add.Inverse()[0]})
	}
	return cases
}

func routeCases() []opCase {
	via := func(gw string) []plan.NextHop { return []plan.NextHop{{Via: ip(gw)}} }
	dev := []plan.NextHop{{Dev: "veth-red"}}
	two := func(a, b string) []plan.NextHop {
		return []plan.NextHop{{Via: ip(a), Dev: "veth-red"}, {Via: ip(b), Dev: "veth-red"}}
	}
	var cases []opCase
	for _, r := range []plan.Route{
		{Dst: pfx("0.0.0.0/0"), Hops: via("192.168.15.254")},
		{Dst: pfx("::/0"), Hops: via("fd00::2")},
		{Dst: pfx("10.1.0.0/16"), Hops: dev},
		{Dst: pfx("fd05::/64"), Hops: dev},
		{Dst: pfx("10.1.0.0/16"), Hops: []plan.NextHop{{Via: ip("192.168.15.9"), Dev: "veth-red"}},
			Metric: 50, Table: 100, Src: ip("192.168.15.1")},
		{Dst: pfx("10.1.0.0/16"), Hops: dev, Table: 1000},
		{Dst: pfx("fd05::/64"), Hops: via("fd00::2"), Metric: 50, Table: 1000, Src: ip("fd00::1")},
		{Dst: pfx("10.1.0.0/16"), Hops: two("192.168.15.8", "192.168.15.9")},
		{Dst: pfx("fd05::/64"), Hops: two("fd00::8", "fd00::9")},
		{Dst: pfx("10.9.0.0/16"), MTU: 1400, Hops: []plan.NextHop{{Via: ip("10.77.0.1"), Dev: "veth-red", OnLink: true}}},
		{Dst: pfx("10.9.0.0/16"), MTU: 1300, MTULock: true, Hops: []plan.NextHop{
			{Via: ip("10.77.0.1"), Dev: "veth-red", OnLink: true, Weight: 3}, {Via: ip("192.168.15.9"), Dev: "veth-red", Weight: 256}}},
		{Dst: pfx("fd09::/64"), MTU: 1400, Hops: []plan.NextHop{
			{Via: ip("fd77::1"), Dev: "veth-red", OnLink: true, Weight: 2}, {Via: ip("fd77::2"), Dev: "veth-red", OnLink: true}}},
		{Dst: pfx("10.1.0.0/16"), Kind: plan.Blackhole},
		{Dst: pfx("10.1.0.0/16"), Kind: plan.Unreachable, Metric: 7},
		{Dst: pfx("10.1.0.0/16"), Kind: plan.Prohibit},
		{Dst: pfx("fd05::/64"), Kind: plan.Blackhole},
		{Dst: pfx("fd05::/64"), Kind: plan.Unreachable},
		{Dst: pfx("fd05::/64"), Kind: plan.Prohibit},
	} {
		cases = append(cases,
			opCase{name: "route " + r.String(), setup: base(), op: plan.AddRoute{Node: "red", Route: r}},
			opCase{name: "del route " + r.String(), setup: base(plan.AddRoute{Node: "red", Route: r}),
				op: plan.DelRoute{Node: "red", Route: r}})
	}
	return cases
}

func ruleCases() []opCase {
	var cases []opCase
	for _, r := range []plan.Rule{
		{From: pfx("10.0.0.0/8"), Table: 100},
		{From: pfx("10.0.0.0/8"), To: pfx("10.9.0.1/32"), IIf: "veth-red", FWMark: 7, Table: 1000, Priority: 50},
		{To: pfx("fd00::/64"), Table: 100, V6: true},
		{V6: true, IIf: "lo", Table: 254},
		{Not: true, From: pfx("10.0.0.0/8"), Table: 100},
		{From: pfx("10.0.0.0/8"), Proto: "tcp", DPort: plan.PortRange{First: 80, Last: 80}, Table: 100},
		{V6: true, OIf: "veth-red", Proto: "udp", SPort: plan.PortRange{First: 8000, Last: 8010}, Table: 100},
		{V6: true, Proto: "ipv6-icmp", Kind: plan.Prohibit},
		{To: pfx("10.9.0.0/16"), Kind: plan.Blackhole, Priority: 7},
		{To: pfx("fd00::/16"), Kind: plan.Unreachable, V6: true},
	} {
		cases = append(cases,
			opCase{name: "rule " + r.String(), setup: base(), op: plan.AddRule{Node: "red", Rule: r}},
			opCase{name: "del rule " + r.String(), setup: base(plan.AddRule{Node: "red", Rule: r}),
				op: plan.DelRule{Node: "red", Rule: r}})
	}
	return cases
}

// nftRules are rules of every form.
func nftRules() []plan.NftRule {
	return []plan.NftRule{
		{Chain: plan.Forward, Verdict: "drop"},
		{Chain: plan.Forward, Verdict: "accept", IIf: "veth-red", OIf: "fifteen-letters", Comment: "a comment"},
		{Chain: plan.Forward, Verdict: "accept", Src: pfx("10.0.0.0/8"), Dst: pfx("10.1.2.3/32")},
		{Chain: plan.Forward, Verdict: "drop", Src: pfx("10.16.0.0/12"), Dst: pfx("192.168.0.0/16"), NotDst: true},
		{Chain: plan.Forward, Verdict: "drop", Dst: pfx("10.0.0.0/15"), NotDst: true},
		{Chain: plan.Forward, Verdict: "drop", Src: pfx("0.0.0.0/0")},
		{Chain: plan.Forward, Verdict: "drop", Src: pfx("fd00::/20"), Dst: pfx("fd00::/64"), Comment: "six"},
		{Chain: plan.Forward, Verdict: "drop", Src: pfx("fd00::1/128"), Dst: pfx("::/0"), NotDst: true},
		{Chain: plan.Postrouting, Verdict: "masquerade", Src: pfx("192.168.15.0/24"), Dst: pfx("192.168.15.0/24"),
			NotDst: true, OIf: "eth0", Comment: "nat 192.168.15.0/24"},
		{Chain: plan.Prerouting, Verdict: "dnat", ToLocal: true, Proto: "tcp", Ports: plan.OnePort(8080), Counter: true,
			To: netip.MustParseAddrPort("192.168.15.2:80"), Comment: "publish 8080 -> blue:80"},
		{Chain: plan.OutputNAT, Verdict: "dnat", Dst: pfx("fd00::1/128"), Proto: "udp", Ports: plan.OnePort(53), Counter: true,
			To: netip.MustParseAddrPort("[fd00::2]:5353")},
		{Chain: plan.Postrouting, Verdict: "masquerade", Src: pfx("fd00::/64"), Dst: pfx("fd00::2/128"), Proto: "tcp", Ports: plan.OnePort(80), Translated: true},
		{Chain: plan.Postrouting, Verdict: "masquerade", Dst: pfx("10.0.0.2/32"), Proto: "tcp", Ports: plan.OnePort(80), FromLocal: true, Translated: true},
		{Chain: plan.Postrouting, Verdict: "snat", Src: pfx("10.0.0.0/24"), OIf: "veth-red", Counter: true, To: netip.MustParseAddrPort("192.0.2.1:0"), Comment: "nat 10.0.0.0/24 to 192.0.2.1"},
		{Chain: plan.Postrouting, Verdict: "snat", Src: pfx("fd00::/64"), To: netip.MustParseAddrPort("[2001:db8::1]:0")},
		{Chain: plan.Prerouting, Verdict: "dnat", Dst: pfx("192.0.2.1/32"), To: netip.MustParseAddrPort("10.0.0.5:0"), Counter: true},
		{Chain: plan.Prerouting, Verdict: "dnat", Src: pfx("10.9.0.0/16"), ToLocal: true, Proto: "tcp", Ports: plan.OnePort(80), Turn: 3, To: netip.MustParseAddrPort("10.0.0.5:8080"), Counter: true},
		{Chain: plan.Prerouting, Verdict: "dnat", ToLocal: true, Proto: "udp", Ports: plan.PortRange{First: 8000, Last: 8010}, To: netip.MustParseAddrPort("10.0.0.5:0"), Counter: true},
		{Chain: plan.Prerouting, Verdict: "redirect", Src: pfx("10.9.0.0/16"), Proto: "tcp", Ports: plan.OnePort(80), To: netip.AddrPortFrom(netip.Addr{}, 3128), Counter: true},
		{Chain: plan.OutputNAT, Verdict: "redirect", ToLocal: true, Proto: "udp", Ports: plan.PortRange{First: 53, Last: 54}, To: netip.AddrPortFrom(netip.Addr{}, 5353), Counter: true, Comment: "redirect 53-54 -> 5353 udp"},
		{Chain: plan.Forward, Verdict: "drop", Proto: "tcp", Ports: plan.PortRange{First: 1, Last: 65535}, Translated: true, Counter: true},
		{Chain: plan.MarkIn, Verdict: "mark", Mark: 7, Src: pfx("10.0.0.0/24"), Proto: "tcp", Ports: plan.OnePort(80), Counter: true, Comment: "mark 7 10.0.0.0/24 -> tcp 80"},
		{Chain: plan.MarkOut, Verdict: "mark", Mark: 1<<32 - 1},
		{Chain: plan.Input, Verdict: "drop", IIf: "lo", NotIIf: true, Counter: true},
		{Chain: plan.Output, Verdict: "drop", OIf: "lo", NotOIf: true, Counter: true},
		{Chain: plan.Input, Verdict: "accept", Proto: "ipv6-icmp", State: plan.StateUntracked},
		{Chain: plan.Forward, Verdict: "drop", Proto: "icmp", State: plan.StateNew | plan.StateInvalid},
		{Chain: plan.Forward, Verdict: "accept", Src: pfx("10.0.0.0/8"), State: plan.StateEstablished | plan.StateRelated, Counter: true},
		{Chain: plan.Forward, Verdict: "reject", Proto: "tcp", Ports: plan.OnePort(22), Counter: true},
		{Chain: plan.Input, Verdict: "reject", Proto: "udp", Dst: pfx("fd00::/64")},
		{Chain: plan.Output, Verdict: "reject", Counter: true, Comment: "reject everything"},
	}
}

func nftCases() []opCase {
	table := plan.AddNftTable{Node: "red"}
	setup := []plan.Op{plan.AddNS{Name: "red"}, table}
	cases := []opCase{
		{name: "nft table", setup: setup[:1], op: table},
		{name: "del nft table", setup: setup, op: plan.DelNftTable{Node: "red"}},
	}
	for _, c := range []plan.Chain{plan.Prerouting, plan.OutputNAT, plan.Postrouting, plan.Input, plan.Forward, plan.Output, plan.MarkIn, plan.MarkOut} {
		add := plan.AddNftChain{Node: "red", Chain: c}
		cases = append(cases,
			opCase{name: "chain " + c.Name, setup: setup, op: add},
			opCase{name: "del chain " + c.Name, setup: append(setup[:2:2], add), op: plan.DelNftChain(add)})
	}
	for _, r := range nftRules() {
		chain := slices.Concat(setup[:2], []plan.Op{plan.AddNftChain{Node: "red", Chain: r.Chain}})
		add := plan.AddNftRule{Node: "red", Rule: r}
		cases = append(cases,
			opCase{name: "nft " + r.String(), setup: chain, op: add},
			opCase{name: "del nft " + r.String(), setup: append(chain[:3:3], add), op: plan.DelNftRule(add)})
	}
	return append(cases, nftPlaceCases(setup[:2:2])...)
}

// nftPlaceCases add and delete the rule of each place in a chain of three.
func nftPlaceCases(setup []plan.Op) []opCase {
	rule := func(comment string, place int) plan.AddNftRule {
		return plan.AddNftRule{Node: "red", Place: place, Rule: plan.NftRule{Chain: plan.Forward, Verdict: "drop", Comment: comment}}
	}
	setup = append(setup, plan.AddNftChain{Node: "red", Chain: plan.Forward}, rule("a", 0), rule("b", 0), rule("c", 0))
	var cases []opCase
	for place := range 5 {
		cases = append(cases, opCase{name: fmt.Sprint("nft at place ", place), setup: setup, op: rule("new", place)})
	}
	for i, name := range []string{"a", "b", "c"} {
		cases = append(cases, opCase{name: fmt.Sprint("del nft at place ", i+1), setup: setup, op: plan.DelNftRule(rule(name, i+1))})
	}
	return cases
}

func opCases() []opCase {
	var all []opCase
	for _, cs := range [][]opCase{linkCases(), linkKindCases(), addrCases(), routeCases(), ruleCases(), nftCases()} {
		all = append(all, cs...)
	}
	return all
}

// What an op did is what its inverse undoes, and running its commands makes
// the same network as doing it.
func TestInverseAndCommands(t *testing.T) {
	for _, c := range opCases() {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.needs != "" {
				needFeature(t, w, c.needs)
			}
			apply(t, w, c.setup...)
			before := dump(t, w)
			apply(t, w, c.op)
			native := dump(t, w)
			if native == before && !c.keeps {
				t.Fatal("the op changed nothing")
			}
			apply(t, w, c.op.Inverse()...)
			if after := dump(t, w); after != before {
				t.Fatalf("before and after differ:\n%s", diff(before, after))
			}
			if len(c.op.Commands()) == 0 {
				return // RestoreNS has none
			}
			for _, cmd := range c.op.Commands() {
				shell(t, cmd...)
			}
			if got := dump(t, w); got != native {
				t.Errorf("commands (-) and op (+) differ:\n%s", diff(got, native))
			}
		})
	}
}

// The settings are what sysctl(8) writes.
func TestBaselineIsEquivalent(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"})
	for _, s := range plan.BaselineSettings() {
		other := "1"
		if s.Value == "1" {
			other = "0"
		}
		apply(t, w, plan.SetSysctl{Node: "red", Key: s.Key, Value: other},
			plan.SetSysctl{Node: "blue", Key: s.Key, Value: other})
	}
	apply(t, w, plan.Baseline{Node: "red"})
	shell(t, plan.Baseline{Node: "blue"}.Commands()[0]...)
	for _, s := range plan.BaselineSettings() {
		for _, n := range []string{"red", "blue"} {
			if got, err := w.Sysctl(n, s.Key); err != nil || got != s.Value {
				t.Errorf("%s: %s = %q, %v; want %q", n, s.Key, got, err, s.Value)
			}
		}
	}
}

// needFeature ends the test where the kernel lacks a feature.
func needFeature(t *testing.T, w *World, name string) {
	t.Helper()
	if f, err := w.Feature(t.Context(), name); err != nil || !f.Have {
		labtest.Lacks(t, name, f.Cause, err)
	}
}
