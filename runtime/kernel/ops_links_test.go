package kernel

import (
	"net/netip"
	"slices"
	"time"

	"nsl/runtime/plan"
)

// linkKindCases are of the kinds of interface, and of what may become of one.
func linkKindCases() []opCase {
	red := []plan.Op{plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"}}
	on := plan.LinkOptions{Lower: plan.Ref{Node: "red", Link: "veth-red"}, Mode: "bridge"}
	far := plan.LinkOptions{Lower: plan.Ref{Node: "red"}, ID: 42, Remote: ip("10.0.0.2"), Local: ip("10.0.0.1"), Port: 4789}
	group := plan.LinkOptions{Lower: plan.Ref{Node: "red", Link: "veth-red"}, ID: 1<<24 - 1, Remote: ip("ff0e::7"), Port: 8472}
	geneve := plan.LinkOptions{Lower: far.Lower, ID: 42, Remote: ip("fd00::2"), Port: 7000, TTL: 9}
	plain := plan.LinkOptions{Lower: far.Lower, Remote: far.Remote, Local: far.Local}
	pair := plain
	pair.Key, pair.TTL = 1<<32-1, 255
	overlay := plan.AddLink{Node: "red", Name: "x0", Kind: plan.VXLAN, LinkOptions: far}
	tunnel := plan.AddLink{Node: "red", Name: "x0", Kind: plan.WireGuard, LinkOptions: plan.LinkOptions{Lower: far.Lower}}
	first, other := plan.LabKey(plan.Ref{Node: "b", Link: "x0"}).Public(), plan.LabKey(plan.Ref{Node: "c", Link: "x0"}).Public()
	wg := plan.WG{Key: plan.LabKey(plan.Ref{Node: "red", Link: "x0"}), Port: 51820}.
		With(plan.WGPeer{Key: first, Endpoint: netip.MustParseAddrPort("10.0.0.2:7"), Allowed: []netip.Prefix{pfx("10.9.0.0/24"), pfx("fd00:9::/64")}, Keepalive: 5}).
		With(plan.WGPeer{Key: other, Endpoint: netip.MustParseAddrPort("[fd00::2]:65535"), Allowed: []netip.Prefix{pfx("10.8.0.1/32")}})
	private, passthru := on, on
	private.Mode, passthru.Mode = "private", "passthru"
	full := plan.Shape{Delay: 10*time.Millisecond + time.Microsecond, Jitter: 2 * time.Millisecond, Loss: 1, Duplicate: 0.5, Reorder: 25, Corrupt: 0.01, Rate: 10e6, Limit: 500}
	back := []plan.Op{plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("192.168.15.1/24")},
		plan.SetUp{Node: "red", Name: "veth-red"}, plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")}}
	bonded := plan.LinkOptions{Mode: plan.ActiveBackup, BondOptions: plan.BondOptions{Monitor: plan.UsualMonitor}}
	lacp := plan.LinkOptions{Mode: plan.LACP, BondOptions: plan.BondOptions{Monitor: 50 * time.Millisecond, Hash: "layer3+4", FastLACP: true}}
	port := append(base(), plan.AddBridge{Node: "red", Name: "br0"}, plan.SetMaster{Node: "red", Name: "veth-red", Master: "br0"})
	return []opCase{
		{name: "macvlan", setup: base(), op: plan.AddLink{Node: "red", Name: "m0", Kind: plan.MACVLAN, LinkOptions: on}},
		{name: "macvlan elsewhere", setup: base(), op: plan.AddLink{Node: "blue", Name: "m0", Kind: plan.MACVLAN, MTU: 1400, MAC: "02:00:00:00:00:09", LinkOptions: private}},
		{name: "macvlan alone", setup: base(), op: plan.AddLink{Node: "red", Name: "m0", Kind: plan.MACVLAN, LinkOptions: passthru}},
		{name: "vxlan", setup: red, op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.VXLAN, LinkOptions: far}},
		{name: "vxlan elsewhere", setup: red, op: plan.AddLink{Node: "blue", Name: "x0", Kind: plan.VXLAN, LinkOptions: far}},
		{name: "vxlan group", setup: base(), op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.VXLAN, MTU: 1300, LinkOptions: group}},
		{name: "forward", setup: append(slices.Clone(red), overlay), op: plan.AddForward{Node: "red", Dev: "x0", MAC: plan.NoMAC, Dst: ip("10.0.0.7")}},
		{name: "forward an address", setup: append(slices.Clone(red), overlay), op: plan.AddForward{Node: "red", Dev: "x0", MAC: "02:00:00:00:00:09", Dst: ip("10.0.0.7")}},
		{name: "forward no more", setup: append(slices.Clone(red), overlay, plan.AddForward{Node: "red", Dev: "x0", MAC: plan.NoMAC, Dst: ip("10.0.0.7")}),
			op: plan.DelForward{Node: "red", Dev: "x0", MAC: plan.NoMAC, Dst: ip("10.0.0.7")}},
		{name: "geneve", setup: red, op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.GENEVE, LinkOptions: geneve}, needs: plan.GENEVE},
		{name: "geneve elsewhere", setup: red, op: plan.AddLink{Node: "blue", Name: "x0", Kind: plan.GENEVE, MAC: "02:00:00:00:00:09", LinkOptions: geneve}, needs: plan.GENEVE},
		{name: "gre", setup: red, op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.GRE, LinkOptions: pair}, needs: plan.GRE},
		{name: "gre elsewhere", setup: red, op: plan.AddLink{Node: "blue", Name: "x0", Kind: plan.GRE, MTU: 1300, LinkOptions: pair}, needs: plan.GRE},
		{name: "ipip", setup: red, op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.IPIP, LinkOptions: plain}, needs: plan.IPIP},
		{name: "sit", setup: red, op: plan.AddLink{Node: "red", Name: "x0", Kind: plan.SIT, LinkOptions: plain}, needs: plan.SIT},
		{name: "wireguard", setup: red, op: tunnel, needs: plan.WireGuard},
		{name: "wireguard configured", setup: append(slices.Clone(red), tunnel), op: plan.SetWG{Node: "red", Name: "x0", WG: wg}, needs: plan.WireGuard},
		{name: "wireguard with other peers", setup: append(slices.Clone(red), tunnel, plan.SetWG{Node: "red", Name: "x0", WG: wg}),
			op: plan.SetWG{Node: "red", Name: "x0", WG: wg.Without(other).With(plan.WGPeer{Key: first}), Was: wg}, needs: plan.WireGuard},
		{name: "vrf", setup: red, op: plan.AddLink{Node: "red", Name: "v0", Kind: plan.VRF, LinkOptions: plan.LinkOptions{Table: 10}}, needs: plan.VRF},
		{name: "member of a vrf", setup: append(base(), plan.DelAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")}, plan.AddLink{Node: "red", Name: "v0", Kind: plan.VRF, LinkOptions: plan.LinkOptions{Table: 10}}),
			op: plan.SetMaster{Node: "red", Name: "veth-red", Master: "v0"}, needs: plan.VRF},
		{name: "bond", setup: red, op: plan.AddLink{Node: "red", Name: "b0", Kind: plan.Bond, LinkOptions: bonded}, needs: plan.Bond},
		{name: "bond with LACP", setup: red, op: plan.AddLink{Node: "red", Name: "b0", Kind: plan.Bond, MTU: 1400, LinkOptions: lacp}, needs: plan.Bond},
		{name: "member of a bond", setup: append(base(), plan.DelAddr{Node: "red", Link: "veth-red", Addr: pfx("fd00::1/64")}, plan.SetDown{Node: "red", Name: "veth-red"},
			plan.AddLink{Node: "red", Name: "b0", Kind: plan.Bond, LinkOptions: bonded}), op: plan.SetMaster{Node: "red", Name: "veth-red", Master: "b0"}, needs: plan.Bond},
		{name: "move", setup: base(), op: plan.MoveLink{Node: "blue", Name: "veth-blue", To: "red", Was: []plan.Op{plan.SetUp{Node: "blue", Name: "veth-blue"}}}},
		{name: "move what has something", setup: base(), op: plan.MoveLink{Node: "red", Name: "veth-red", To: "blue", Was: back}},
		{name: "rename", setup: base(), op: plan.RenameLink{Node: "blue", Name: "veth-blue", To: "eth0"}},
		{name: "mac", setup: base(), op: plan.SetMAC{Node: "red", Name: "veth-red", MAC: "02:00:00:00:00:08", Was: "02:00:00:00:00:07"}, keeps: true},
		{name: "alias", setup: base(), op: plan.SetOption{Node: "red", Name: "veth-red", Option: "alias", Value: "to the core", Was: ""}},
		{name: "promisc", setup: base(), op: plan.SetOption{Node: "red", Name: "veth-red", Option: "promisc", Value: "on", Was: "off"}},
		{name: "no multicast", setup: base(), op: plan.SetOption{Node: "red", Name: "veth-red", Option: "multicast", Value: "off", Was: "on"}},
		{name: "no arp", setup: base(), op: plan.SetOption{Node: "red", Name: "veth-red", Option: "arp", Value: "off", Was: "on"}},
		{name: "queue", setup: base(), op: plan.SetOption{Node: "red", Name: "veth-red", Option: "txqueuelen", Value: "10", Was: "1000"}},
		{name: "ageing", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "ageing", Value: "10.5s", Was: "5m0s"}},
		{name: "bridge priority", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "bridge-priority", Value: "4096", Was: "32768"}},
		{name: "no snooping", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "multicast-snooping", Value: "off", Was: "on"}},
		{name: "querier", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "multicast-querier", Value: "on", Was: "off"}},
		{name: "hello", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "hello", Value: "1s", Was: "2s"}},
		{name: "max age", setup: port, op: plan.SetOption{Node: "red", Name: "br0", Option: "max-age", Value: "10s", Was: "20s"}},
		{name: "spanning tree", setup: append(slices.Clone(port), plan.SetOption{Node: "red", Name: "br0", Option: "forward-delay", Value: "15s", Was: "0s"}),
			op: plan.SetOption{Node: "red", Name: "br0", Option: "stp", Value: "on", Was: "off"}},
		{name: "port cost", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "cost", Value: "10", Was: "2"}},
		{name: "port priority", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "priority", Value: "10", Was: "32"}},
		{name: "isolated", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "isolated", Value: "on", Was: "off"}},
		{name: "hairpin", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "hairpin", Value: "on", Was: "off"}},
		{name: "guard", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "guard", Value: "on", Was: "off"}},
		{name: "root block", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "root-block", Value: "on", Was: "off"}},
		{name: "no learning", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "learning", Value: "off", Was: "on"}},
		{name: "no flooding", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "flood", Value: "off", Was: "on"}},
		{name: "no multicasts", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "mcast-flood", Value: "off", Was: "on"}},
		{name: "no broadcasts", setup: port, op: plan.SetOption{Node: "red", Name: "veth-red", Option: "bcast-flood", Value: "off", Was: "on"}},
		{name: "rate", setup: base(), op: plan.SetShape{Node: "red", Name: "veth-red", Shape: plan.Shape{Rate: 10e6}}},
		{name: "high rate", setup: base(), op: plan.SetShape{Node: "red", Name: "veth-red", Shape: plan.Shape{Rate: 40e9}}},
		{name: "netem", setup: base(), op: plan.SetShape{Node: "red", Name: "veth-red", Shape: full}, needs: "netem"},
		{name: "netem instead of a rate", setup: append(base(), plan.SetShape{Node: "red", Name: "veth-red", Shape: plan.Shape{Rate: 10e6}}),
			op: plan.SetShape{Node: "red", Name: "veth-red", Shape: full, Was: plan.Shape{Rate: 10e6}}, needs: "netem"},
		{name: "less than before", setup: append(base(), plan.SetShape{Node: "red", Name: "veth-red", Shape: full}),
			op: plan.SetShape{Node: "red", Name: "veth-red", Shape: plan.Shape{Loss: 0.1}, Was: full}, needs: "netem"},
		{name: "no shape", setup: append(base(), plan.SetShape{Node: "red", Name: "veth-red", Shape: plan.Shape{Rate: 10e6}}),
			op: plan.SetShape{Node: "red", Name: "veth-red", Was: plan.Shape{Rate: 10e6}}},
	}
}
