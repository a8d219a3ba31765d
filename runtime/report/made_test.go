package report

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"nsl/runtime/plan"
)

func TestMade(t *testing.T) {
	veth := plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "veth-red"}, B: plan.LinkEnd{Node: "blue", Name: "veth-blue"}}
	port := func(node string) plan.AddVeth {
		return plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: "veth-" + node + "-br", Master: "sw"}, B: plan.LinkEnd{Node: node, Name: "veth-" + node}}
	}
	addr := func(node, link, a string) plan.Op {
		return plan.AddAddr{Node: node, Link: link, Addr: netip.MustParsePrefix(a)}
	}
	tests := map[string]struct {
		ops  []plan.Op
		want []string
	}{
		"nothing": {nil, nil},
		"nodes": {[]plan.Op{plan.AddNS{Name: "red"}, plan.Baseline{Node: "red"}, plan.SetUp{Node: "red", Name: "lo"}, plan.AddNS{Name: "blue"}},
			[]string{"nodes red blue"}},
		"many nodes": {func() (ops []plan.Op) {
			for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
				ops = append(ops, plan.AddNS{Name: name})
			}
			return ops
		}(), []string{"26 nodes: a b c d e f … z"}},
		"a large bridge": {[]plan.Op{plan.AddBridge{Node: plan.Host, Name: "sw"}, port("a"), port("b"), port("c"), port("d"), port("e"), port("f"), port("g"), port("h")},
			[]string{"bridge sw, 8 ports: a:veth-a, b:veth-b, …"}},
		"a cable": {[]plan.Op{veth, addr("red", "veth-red", "10.0.0.1/24"), addr("blue", "veth-blue", "10.0.0.2/24"), plan.SetUp{Node: "red", Name: "veth-red"}},
			[]string{"red:veth-red 10.0.0.1/24 <-> blue:veth-blue 10.0.0.2/24"}},
		"a bridge": {[]plan.Op{plan.AddBridge{Node: plan.Host, Name: "sw"}, port("red"), port("blue"), addr("red", "veth-red", "10.0.0.1/24"), addr("host", "sw", "10.0.0.254/24"),
			plan.SetSysctl{Node: plan.Host, Key: "net.bridge.x", Value: "0", Optional: true}},
			[]string{"bridge sw 10.0.0.254/24: red:veth-red 10.0.0.1/24, blue:veth-blue"}},
		"an interface under a passing name": {[]plan.Op{plan.AddLink{Node: "red", Name: "nsl-mac0", Later: "mac0", Kind: plan.MACVLAN}, plan.RenameLink{Node: "red", Name: "nsl-mac0", To: "mac0"},
			addr("red", "mac0", "10.0.0.9/24"), plan.SetUp{Node: "red", Name: "mac0"}}, []string{"macvlan red:mac0 10.0.0.9/24"}},
		"places": {[]plan.Op{plan.RenameLink{Node: "red", Name: "veth-red", To: "eth0"}, plan.MoveLink{Node: "red", Name: "eth0", To: "blue"}},
			[]string{"red:veth-red -> red:eth0; red:eth0 -> blue:eth0"}},
		"a change": {[]plan.Op{plan.SetDown{Node: "red", Name: "veth-red"}, plan.SetMTU{Node: plan.Host, Name: "sw", MTU: 1400}, addr("red", "veth-red", "fd00::1/64")},
			[]string{"red:veth-red down; sw mtu 1400; red:veth-red fd00::1/64"}},
		"deletions": {[]plan.Op{plan.DelLink{Node: "red", Name: "veth-red"}, plan.DelNS{Name: "red"}, plan.DelRoute{Node: "blue", Route: plan.Route{Dst: netip.MustParsePrefix("0.0.0.0/0")}}},
			[]string{"gone: red:veth-red, red, route to default in blue"}},
		"too much": {[]plan.Op{plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.all.rp_filter", Value: "1"}, plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.default.rp_filter", Value: "1"},
			plan.SetSysctl{Node: "red", Key: "net.ipv4.conf.lo.rp_filter", Value: "1"}, plan.SetSysctl{Node: "red", Key: "net.ipv4.ip_forward", Value: "1"}},
			[]string{"red: net.ipv4.conf.all.rp_filter = 1", "red: net.ipv4.conf.default.rp_filter = 1; … and 2 more"}},
	}
	for name, test := range tests {
		var steps []plan.Step
		for _, op := range test.ops {
			steps = append(steps, plan.Step{Op: op})
		}
		if got := Made(steps, 78); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The rules of a packet filter are reported as the statement that made them, once.
func TestMadeTellsRulesByTheirStatement(t *testing.T) {
	rule := func(port uint16) plan.Step {
		return plan.Step{Op: plan.AddNftRule{Node: "blue", Rule: plan.NftRule{Proto: "tcp", Ports: plan.OnePort(port), Verdict: "drop", Comment: "publish 8080 -> red:80"}}}
	}
	if got := Made([]plan.Step{rule(1), rule(2)}, 80); len(got) != 1 || got[0] != "blue: publish 8080 -> red:80" {
		t.Errorf("%q", got)
	}
}
