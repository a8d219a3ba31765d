package model_test

import (
	"net/netip"
	"time"

	"pgregory.net/rapid"

	"nsl/runtime/plan"
)

// The names, addresses and settings of random labs are few, so that they meet.

func nodes() []string { return []string{plan.Host, "red", "blue"} }

func links() []string { return []string{"a0", "a0", "a1", "br0", "m0", "x0", "lo"} }

func addrs() []netip.Prefix {
	return prefixes("10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.0.1.1/24", "10.0.0.1/16",
		"10.9.9.9/32", "10.8.0.1/31", "127.0.0.1/8", "127.0.0.9/8",
		"fd00::1/64", "fd00::2/64", "fd01::1/64", "fd02::1/128")
}

func gateways() []netip.Addr {
	var list []netip.Addr
	for _, s := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.9", "10.0.0.255", "10.0.1.9", "10.5.5.5", "10.1.0.7",
		"fd00::1", "fd00::9", "fd01::9", "fd02::1", "fd09::9", "fd10::7", "ff02::9"} {
		list = append(list, netip.MustParseAddr(s))
	}
	return list
}

func destinations() []netip.Prefix {
	return prefixes("0.0.0.0/0", "10.1.0.0/16", "10.1.0.0/24", "10.0.0.0/24", "10.2.0.5/32", "10.2.0.5/24",
		"::/0", "fd10::/64", "fd00::/64", "fd10::5/64", "fd10::5/128")
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func settingKeys() []string {
	keys := []string{"net.ipv4.conf.a0.rp_filter", "net.ipv4.conf.a0.forwarding", "net.ipv6.conf.a0.disable_ipv6",
		"net.ipv6.conf.lo.disable_ipv6", "net.ipv6.conf.br0.forwarding", "net/ipv4/conf/br0/promote_secondaries",
		"net.ipv4.fwmark_reflect", "net.ipv4.conf.none.rp_filter", "kernel.hostname"}
	for _, s := range plan.BaselineSettings() {
		// The kernel rounds these two to its clock ticks.
		if s.Key != "net.ipv6.icmp.ratelimit" && s.Key != "net.ipv4.icmp_ratemask" {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

func draw[T any](t *rapid.T, name string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, name)
}

func (k kernelKinds) drawOp(t *rapid.T) plan.Op {
	kinds := []func(*rapid.T) plan.Op{
		drawNS, drawVeth, drawVeth, k.drawBridge, k.drawAddLink, k.drawAddLink, drawMove, drawRename, drawUp, drawUp, drawUp, drawDown, k.drawLinkChange,
		drawAddAddr, drawAddAddr, drawAddAddr, drawAddAddr, drawDelAddr,
		drawAddRoute, drawAddRoute, drawAddRoute, drawAddRoute, drawDelRoute, drawNeighbour, drawWG,
		drawRule, k.drawShape, drawOption, drawOption, drawSysctl, drawNft, drawNft,
	}
	return rapid.SampledFrom(kinds).Draw(t, "kind")(t)
}

func drawNode(t *rapid.T) string { return draw(t, "node", "host", "red", "host", "red", "blue") }
func drawLink(t *rapid.T) string { return draw(t, "link", links()...) }

func drawNS(t *rapid.T) plan.Op {
	name := draw(t, "ns", "red", "blue", "blue", "host", "a/b")
	return draw[plan.Op](t, "ns op", plan.AddNS{Name: name}, plan.AddNS{Name: name}, plan.DelNS{Name: name}, plan.RestoreNS{Name: name})
}

func drawEnd(t *rapid.T) plan.LinkEnd {
	return plan.LinkEnd{
		Node: drawNode(t), Name: draw(t, "name", "a0", "a1", "a0", "a1", "br0", "sixteen-is-much!", "a/b"),
		MTU: draw(t, "mtu", 0, 0, 0, 1400, 1000, 60),
		MAC: draw(t, "mac", "", "", "", "02:00:00:00:00:99", "01:00:00:00:00:00"),
	}
}

func drawVeth(t *rapid.T) plan.Op {
	o := plan.AddVeth{A: drawEnd(t), B: drawEnd(t)}
	o.A.Up, o.B.Up = draw(t, "up", false, false, true), draw(t, "up", false, false, false, false, true)
	o.A.Master = draw(t, "master", "", "", "br0", "br0", "a0")
	return o
}

func (k kernelKinds) drawBridge(t *rapid.T) plan.Op {
	return plan.AddBridge{
		Node: drawNode(t), Name: draw(t, "bridge", "br0", "br0"), MTU: draw(t, "mtu", 0, 0, 1300),
		STP: rapid.Bool().Draw(t, "stp"), VLANFiltering: k.has("vlan-filtering") && rapid.Bool().Draw(t, "filtering"),
	}
}

func (k kernelKinds) drawAddLink(t *rapid.T) plan.Op {
	o := plan.AddLink{
		Node: drawNode(t), Name: draw(t, "name", "a1", "m0", "x0", "sixteen-is-much!"), Kind: draw(t, "kind", k.links()...),
		MTU: draw(t, "mtu", 0, 0, 0, 1400, k.least(), 9000), MAC: draw(t, "mac", "", "", "02:00:00:00:00:99", "01:00:00:00:00:00"),
	}
	o.Lower = plan.Ref{Node: drawNode(t), Link: draw(t, "lower", "a0", "a0", "a1", "br0", "lo", "m0")}
	switch o.Kind {
	case plan.Dummy:
		o.Lower = plan.Ref{}
	case plan.MACVLAN:
		o.Mode = draw(t, "mode", "bridge", "bridge", "private", "vepa", "passthru")
	case plan.IPVLAN:
		o.Mode, o.MAC = "l2", "" // all on one parent have one mode, which the statement sees to
	case plan.VLAN:
		o.ID, o.Service = draw(t, "id", 10, 11), draw(t, "service", false, false, true)
	case plan.VXLAN:
		drawTunnel(t, &o)
	case plan.WireGuard:
		o.Lower.Link, o.MAC = "", ""
	case plan.VRF:
		o.Lower, o.MTU, o.Table = plan.Ref{}, 0, draw(t, "table", 100, 101)
	default:
		drawPair(t, &o)
	}
	return o
}

// drawPair is a tunnel with two ends. Its module clamps an MTU that is too small, and takes a
// hardware address for what it has none of; the statements ask for neither.
func drawPair(t *rapid.T, o *plan.AddLink) {
	o.Lower.Link = ""
	o.Remote = draw(t, "remote", netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.9"))
	o.TTL = draw(t, "ttl", 0, 0, 7)
	if o.Kind == plan.GENEVE {
		o.ID, o.Port = draw(t, "id", 7, 8), draw(t, "port", 6081, 4789)
		o.Remote = draw(t, "remote", o.Remote, netip.MustParseAddr("fd00::2"))
		return
	}
	o.MAC, o.MTU = "", draw(t, "mtu", 0, 0, 1400, 9000)
	o.Local = draw(t, "local", netip.Addr{}, netip.Addr{}, netip.MustParseAddr("10.0.0.1"))
	if o.Kind == plan.GRE {
		o.Key = draw(t, "key", 0, 0, 7)
	}
}

// drawWG configures what may be a wireguard; the kernel takes a peer of its own key for none.
func drawWG(t *rapid.T) plan.Op {
	key := func(name string) plan.WGKey { return plan.LabKey(plan.Ref{Node: "x", Link: name}) }
	o := plan.SetWG{Node: drawNode(t), Name: draw(t, "name", "a1", "m0", "x0", "x0")}
	o.WG = plan.WG{Key: key(o.Node + o.Name), Port: draw(t, "port", 51820, 51821)}
	for _, name := range []string{"p", "q"} {
		p := plan.WGPeer{Key: key(name).Public(), Keepalive: draw(t, "keepalive", 0, 25), Allowed: []netip.Prefix{draw(t, name, netip.MustParsePrefix("10.9.0.0/24"), netip.MustParsePrefix("fd00:9::/64"))}}
		if p.Allowed[0] = draw(t, "allowed", p.Allowed[0], netip.MustParsePrefix("192.0.2."+map[string]string{"p": "1", "q": "2"}[name]+"/32")); draw(t, "has", true, false) {
			o.WG = o.WG.With(p)
		}
	}
	return o
}

func drawTunnel(t *rapid.T, o *plan.AddLink) {
	o.Lower.Link = draw(t, "dev", "", "", o.Lower.Link)
	o.ID, o.Port = draw(t, "id", 7, 8, 1<<24), draw(t, "port", 4789, 4790)
	o.Remote = draw(t, "remote", netip.Addr{}, netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("239.1.1.1"), netip.MustParseAddr("fd00::2"))
	o.Local = draw(t, "local", netip.Addr{}, netip.Addr{}, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00::1"))
}

func drawMove(t *rapid.T) plan.Op {
	return plan.MoveLink{Node: drawNode(t), Name: draw(t, "moved", "a0", "a0", "a1", "br0", "m0", "x0", "lo"), To: drawNode(t)}
}

func drawRename(t *rapid.T) plan.Op {
	n, l := drawNode(t), draw(t, "renamed", "a0", "a1", "br0", "m0", "x0")
	return draw[plan.Op](t, "change",
		plan.RenameLink{Node: n, Name: l, To: draw(t, "to", "a0", "a1", "br0", "m0", "sixteen-is-much!", "a/b")},
		plan.SetMAC{Node: n, Name: l, MAC: draw(t, "mac", "02:00:00:00:00:98", "01:00:00:00:00:00")})
}

func (k kernelKinds) drawShape(t *rapid.T) plan.Op {
	shapes := []plan.Shape{{}, {Rate: 10e6}, {Rate: 50e9}}
	if k.has("netem") {
		shapes = append(shapes, plan.Shape{Delay: 1500 * time.Microsecond, Rate: 10e6}, plan.Shape{Loss: 0.1, Limit: 10},
			plan.Shape{Delay: time.Millisecond, Jitter: time.Microsecond, Duplicate: 1, Reorder: 2, Corrupt: 3})
	}
	return plan.SetShape{Node: drawNode(t), Name: draw(t, "shaped", "a0", "a0", "a1", "br0", "m0", "lo"), Shape: draw(t, "shape", shapes...)}
}

// drawOption leaves out aliases and queues of more than a port can tell from others: any
// value is taken. ARP of a bridge is left out as its neighbours are.
func drawOption(t *rapid.T) plan.Op {
	of := draw(t, "option", plan.AllIfOptions()...)
	o := plan.SetOption{Node: drawNode(t), Name: draw(t, "set", "a0", "a0", "a1", "br0", "br0"), Option: of.Name}
	switch {
	case of.IsFlag():
		o.Value = draw(t, "flag", plan.On, plan.Off)
	case of.IsTime():
		o.Value = draw(t, "time", "0s", "1s", "2s", "7s", "15s", "41s")
	case of.IsNumber():
		o.Value = draw(t, "number", "0", "1", "50", "64", "1000", "65535")
	default:
		o.Value = draw(t, "alias", "", "to the core")
	}
	return o
}

func drawUp(t *rapid.T) plan.Op   { return plan.SetUp{Node: drawNode(t), Name: drawLink(t)} }
func drawDown(t *rapid.T) plan.Op { return plan.SetDown{Node: drawNode(t), Name: drawLink(t)} }

func (k kernelKinds) drawLinkChange(t *rapid.T) plan.Op {
	n, l := drawNode(t), drawLink(t)
	mtus := []int{1500, 1450, 1280}
	if l != plan.Loopback {
		mtus = append(mtus, 1000, 68, k.least(), 66000)
	}
	return draw[plan.Op](t, "change",
		plan.SetMTU{Node: n, Name: l, MTU: draw(t, "mtu", mtus...)},
		plan.SetMaster{Node: n, Name: l, Master: draw(t, "master", "", "br0", "br0", "a0", "m0")},
		plan.SetMaster{Node: n, Name: l, Master: draw(t, "master", "br0", "br0")},
		plan.DelLink{Node: n, Name: l})
}

func drawAddAddr(t *rapid.T) plan.Op {
	op := plan.AddAddr{Node: drawNode(t), Link: drawLink(t), Addr: draw(t, "addr", addrs()...)}
	if rapid.IntRange(0, 3).Draw(t, "special") == 0 {
		op.Addr = draw(t, "addr", prefixes("10.0.1.1/24", "10.9.9.9/32", "10.9.9.8/32", "fd01::1/64")...)
		op.AddrOptions = drawAddrOptions(t, op.Addr)
	}
	return op
}

func drawAddrOptions(t *rapid.T, a netip.Prefix) plan.AddrOptions {
	peer := netip.MustParseAddr("10.5.5.5")
	if a.Addr().Is6() {
		peer = netip.MustParseAddr("fd09::9")
	}
	return draw(t, "options", plan.AddrOptions{Peer: peer}, plan.AddrOptions{Peer: peer, Label: "a0:web", Scope: "link"},
		plan.AddrOptions{Scope: "host", Deprecated: true}, plan.AddrOptions{NoPrefixRoute: true, Broadcast: true},
		plan.AddrOptions{Scope: "site", Preferred: 3600})
}

func drawDelAddr(t *rapid.T) plan.Op {
	if rapid.IntRange(0, 3).Draw(t, "special") == 0 {
		a := draw(t, "addr", prefixes("10.0.1.1/24", "10.9.9.9/32", "fd01::1/64")...)
		return plan.DelAddr{Node: drawNode(t), Link: drawLink(t), Addr: a, AddrOptions: drawAddrOptions(t, a)}
	}
	return plan.DelAddr{Node: drawNode(t), Link: drawLink(t), Addr: draw(t, "addr", addrs()...)}
}

// drawNeighbour leaves the loopback out, whose entries are all for 0.0.0.0
// (__ipv4_neigh_lookup), and the bridge: which hardware address it has, and so when the
// kernel forgets its neighbours, is up to those of its ports.
func drawNeighbour(t *rapid.T) plan.Op {
	n, dev, ip := drawNode(t), draw(t, "dev", "a0", "a0", "a1", "m0", "x0"), draw(t, "neighbour", gateways()[:12]...)
	mac := draw(t, "mac", "02:00:00:00:00:99", "02:00:00:00:00:98")
	set := plan.SetNeighbour{Node: n, Dev: dev, IP: ip, MAC: mac}
	return draw[plan.Op](t, "neighbour op", set, set, plan.DelNeighbour{Node: n, Dev: dev, IP: ip},
		plan.AddProxy{Node: n, Dev: dev, IP: ip}, plan.AddProxy{Node: n, Dev: dev, IP: ip}, plan.DelProxy{Node: n, Dev: dev, IP: ip})
}

func drawRoute(t *rapid.T) plan.Route {
	r := plan.Route{
		Kind:   draw(t, "kind", "", "", "", "", "blackhole", "unreachable", "prohibit"),
		Dst:    draw(t, "dst", destinations()...),
		Metric: draw(t, "metric", 0, 0, 0, 5, 1024),
		Table:  draw(t, "table", 0, 0, 0, 100, 1000),
	}
	if rapid.IntRange(0, 7).Draw(t, "sourced") == 0 {
		if src := draw(t, "src", addrs()...).Addr(); src.Is6() == r.Dst.Addr().Is6() {
			r.Src = src
		}
	}
	if r.Kind != "" {
		return r
	}
	for range draw(t, "hops", 1, 1, 1, 2, 0) {
		h := plan.NextHop{Dev: draw(t, "dev", "", "", "a0", "a1", "br0", "lo", "none")}
		if h.Dev == "" || rapid.Bool().Draw(t, "gateway") {
			h.Via = draw(t, "via", gateways()...)
			for h.Via.Is4() && r.Dst.Addr().Is6() {
				h.Via = draw(t, "via", gateways()...)
			}
		}
		h.OnLink = h.Via.IsValid() && h.Dev != "" && rapid.IntRange(0, 5).Draw(t, "onlink") == 0
		r.Hops = append(r.Hops, h)
	}
	if len(r.Hops) > 1 {
		r.Hops[0].Weight = draw(t, "weight", 0, 0, 2, 256)
	}
	r.MTU = draw(t, "route mtu", 0, 0, 0, 0, 1300, 1450)
	r.MTULock = r.MTU != 0 && rapid.Bool().Draw(t, "lock")
	return r
}

func drawAddRoute(t *rapid.T) plan.Op { return plan.AddRoute{Node: drawNode(t), Route: drawRoute(t)} }

func drawDelRoute(t *rapid.T) plan.Op {
	r := drawRoute(t)
	r.Src = netip.Addr{}
	if rapid.Bool().Draw(t, "any way") {
		r.Hops = nil
	}
	return plan.DelRoute{Node: drawNode(t), Route: r}
}

func drawRule(t *rapid.T) plan.Op {
	n := drawNode(t)
	r := plan.Rule{
		Priority: draw(t, "priority", 0, 0, 100, 101, 40000),
		From:     draw(t, "from", netip.Prefix{}, netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/64"), netip.MustParsePrefix("0.0.0.0/0")),
		IIf:      draw(t, "iif", "", "", "lo", "a0", "none"),
		FWMark:   draw(t, "mark", uint32(0), 0, 7),
		Table:    draw(t, "table", 100, 100, 1000, 254),
	}
	if r.Kind = draw(t, "kind", "", "", "", plan.Blackhole, plan.Unreachable, plan.Prohibit); r.Kind != "" {
		r.Table = 0
	}
	r.Not = draw(t, "not", false, false, true)
	r.OIf = draw(t, "oif", "", "", "a0")
	r.Proto = draw(t, "ipproto", "", "", "tcp")
	r.DPort = draw(t, "dport", plan.PortRange{}, plan.PortRange{}, plan.PortRange{First: 80, Last: 81})
	if !r.From.IsValid() {
		r.To = draw(t, "to", netip.Prefix{}, netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd10::/64"))
	}
	r.V6 = !r.From.IsValid() && !r.To.IsValid() && rapid.Bool().Draw(t, "v6")
	return draw[plan.Op](t, "rule", plan.AddRule{Node: n, Rule: r}, plan.AddRule{Node: n, Rule: r}, plan.DelRule{Node: n, Rule: r})
}

func drawSysctl(t *rapid.T) plan.Op {
	return plan.SetSysctl{
		Node: drawNode(t), Key: draw(t, "key", settingKeys()...), Value: draw(t, "value", "0", "1", "1", "2", "on", " 1\n"),
		Optional: rapid.Bool().Draw(t, "optional"),
	}
}

func drawNft(t *rapid.T) plan.Op {
	n := drawNode(t)
	c := draw(t, "chain", plan.Postrouting, plan.Postrouting, plan.Forward, plan.Input, plan.Prerouting, plan.MarkOut)
	r := plan.NftRule{
		Chain: c, OIf: draw(t, "oif", "", "a0"), Dst: draw(t, "dst", netip.Prefix{}, netip.MustParsePrefix("10.0.0.7/24")),
		Src:     draw(t, "src", netip.Prefix{}, netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/63")),
		NotDst:  rapid.Bool().Draw(t, "not"),
		Verdict: draw(t, "verdict", "masquerade", "masquerade", "accept", "drop", "reject", "dnat", "snat", "mark", "redirect"),
		Proto:   draw(t, "proto", "", "", "tcp", "icmp", "sctp"), Ports: draw(t, "ports", plan.PortRange{}, plan.PortRange{}, plan.OnePort(80), plan.PortRange{First: 80, Last: 90}),
		To:   draw(t, "to", netip.AddrPort{}, netip.MustParseAddrPort("10.0.0.9:80"), netip.MustParseAddrPort("10.0.0.9:0")),
		Turn: draw(t, "turn", uint32(0), 0, 2),
	}
	if r.Verdict != "dnat" && r.Verdict != "snat" {
		r.To = netip.AddrPort{}
	}
	if r.Verdict == "redirect" {
		r.To = netip.AddrPortFrom(netip.Addr{}, 8080)
	}
	if r.Verdict == "mark" {
		r.Mark = draw(t, "mark", uint32(1), 1<<31)
	}
	place := draw(t, "place", 0, 0, 1, 2)
	return draw[plan.Op](t, "nft",
		plan.AddNftTable{Node: n}, plan.AddNftTable{Node: n}, plan.AddNftChain{Node: n, Chain: c}, plan.AddNftChain{Node: n, Chain: c},
		plan.AddNftRule{Node: n, Rule: r, Place: place}, plan.AddNftRule{Node: n, Rule: r}, plan.AddNftRule{Node: n, Rule: r},
		plan.DelNftRule{Node: n, Rule: r, Place: place}, plan.DelNftChain{Node: n, Chain: c}, plan.DelNftTable{Node: n})
}
