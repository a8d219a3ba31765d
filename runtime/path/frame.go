package path

import (
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// Sizes of what is before a packet on a link, and of an ARP packet with it (RFC 826).
const (
	etherHeader = 14
	arpFrame    = 42
)

// Operations of ARP.
const arpRequest, arpReply = 1, 2

// send takes a packet over the segment to the interface that it goes to.
func (j *journey) send(h *Hop, p Packet, next plan.Ref) End {
	way := j.between(plan.Ref{Node: h.Node, Link: h.Out}, next)
	if way == nil {
		return nil
	}
	if end := j.fits(way, p.piece()); end != nil {
		return end
	}
	if end := j.carried(way, p.Size); end != nil {
		return end
	}
	return j.carry(way, frame{packet: p})
}

// frame is what is carried over a segment: a packet, or what the link needs before.
type frame struct {
	packet Packet
	// arp is the operation of an ARP packet, 0 for none; what is its name.
	arp  uint16
	what string
	// everybody: it is a packet for all interfaces of its segment.
	everybody bool
}

// size is that of the frame, 0 where it is not known.
func (f frame) size() int {
	switch {
	case f.arp != 0:
		return arpFrame
	case f.packet.Size == 0:
		return 0
	}
	return f.packet.Size + etherHeader
}

// carry takes a frame along the interfaces of its way, and says what stops it.
func (j *journey) carry(way []plan.Ref, f frame) End {
	first, last := way[0], way[len(way)-1]
	j.macs = [2]string{j.link(first.Node, first.Link).MAC, j.link(last.Node, last.Link).MAC}
	if f.arp == arpRequest || f.everybody {
		j.macs[1] = broadcastMAC
	} else if end := j.mirrored(way); end != nil {
		return end
	}
	for i := 1; i < len(way); i++ {
		a, b := j.link(way[i-1].Node, way[i-1].Link), j.link(way[i].Node, way[i].Link)
		next := plan.Link{}
		if i+1 < len(way) {
			next = j.link(way[i+1].Node, way[i+1].Link)
		}
		first := i == 1 || !isPortOf(j.link(way[i-2].Node, way[i-2].Link), a)
		if end := j.step(a, b, next, first, f); end != nil {
			return end
		}
	}
	return nil
}

// step takes a frame from one interface to another: within a bridge, or over a cable.
// Next is where it goes from there; first: it is the own one of a, or of an interface on it.
func (j *journey) step(a, b, next plan.Link, first bool, f frame) End {
	switch {
	case a.Kind == plan.VLAN && b.Kind == "bridge" && a.Lower == b.Ref():
		return j.leave(a, f)
	case b.Kind == plan.VLAN && a.Kind == "bridge" && b.Lower == a.Ref():
		return j.enter(b, f)
	case isPortOf(a, b) && isPortOf(next, b):
		return j.bridged(a, b, next, f)
	case isMemberOf(b, a):
		return j.leave(a, f)
	case isMemberOf(a, b):
		return j.enter(b, f)
	case isPortOf(a, b):
		return j.toBridge(a, b, f)
	case isPortOf(b, a):
		if !first {
			return nil
		}
		return j.fromBridge(a, b, f)
	}
	if end := j.leave(a, f); end != nil {
		return end
	}
	return j.enter(b, f)
}

// bridged is a frame that a bridge passes from one port to another.
func (j *journey) bridged(in, bridge, out plan.Link, f frame) End {
	if end := j.forwarded(in, bridge, out); end != nil {
		return end
	}
	for _, k := range []hook{
		{family: "bridge", name: "prerouting", in: in}, {family: "bridge", name: "forward", in: in, out: out}, {family: "bridge", name: "postrouting", out: out},
	} {
		if end := j.atFrame(bridge.Node, k, f); end != nil {
			return end
		}
	}
	key := bridgeFilter(f.packet.Dst)
	if f.arp != 0 || !j.on(bridge.Node, key) {
		return nil
	}
	j.track(bridge.Node, f.packet, &ruleset.Packet{})
	for _, k := range []hook{
		{family: "ip", name: "prerouting", in: bridge, portIn: in.Name},
		{family: "ip", name: "forward", in: bridge, out: bridge, portIn: in.Name, portOut: out.Name},
		{family: "ip", name: "postrouting", out: bridge, portIn: in.Name, portOut: out.Name},
	} {
		k.bridge, k.bridgeKey = bridge.Name, key
		if end := j.atFrame(bridge.Node, k, f); end != nil {
			return end
		}
	}
	return nil
}

// bridgeFilter is the setting by which a bridge has IP's filters see its frames
// (br_netfilter; ip-sysctl.rst).
func bridgeFilter(dst netip.Addr) string {
	if dst.Is6() {
		return "net.bridge.bridge-nf-call-ip6tables"
	}
	return "net.bridge.bridge-nf-call-iptables"
}

// toBridge is a frame for the bridge itself.
func (j *journey) toBridge(in, bridge plan.Link, f frame) End {
	if end := j.forwarded(in, bridge, plan.Link{}); end != nil {
		return end
	}
	for _, name := range []string{"prerouting", "input"} {
		if end := j.atFrame(bridge.Node, hook{family: "bridge", name: name, in: in}, f); end != nil {
			return end
		}
	}
	return j.enter(bridge, f)
}

// fromBridge is a frame of the bridge itself.
func (j *journey) fromBridge(bridge, out plan.Link, f frame) End {
	if end := j.forwarded(plan.Link{}, bridge, out); end != nil {
		return end
	}
	if end := j.leave(bridge, f); end != nil {
		return end
	}
	for _, name := range []string{"output", "postrouting"} {
		if end := j.atFrame(bridge.Node, hook{family: "bridge", name: name, out: out}, f); end != nil {
			return end
		}
	}
	return nil
}

// leave is a frame that leaves an interface, and what is under it.
func (j *journey) leave(l plan.Link, f frame) End {
	if end := j.atFrame(l.Node, hook{family: "netdev", name: "egress", out: l}, f); end != nil {
		return end
	}
	if end := j.queued(l, false, f); end != nil {
		return end
	}
	if lower, ok := j.under(l); ok {
		return j.leave(lower, f)
	}
	return nil
}

// enter is a frame that comes in by an interface, and what is under it before.
func (j *journey) enter(l plan.Link, f frame) End {
	if lower, ok := j.under(l); ok {
		if end := j.enter(lower, f); end != nil {
			return end
		}
	}
	if end := j.queued(l, true, f); end != nil {
		return end
	}
	return j.atFrame(l.Node, hook{family: "netdev", name: "ingress", in: l}, f)
}

// under is the interface whose frames another one's are.
func (s *Snapshot) under(l plan.Link) (plan.Link, bool) {
	if l.Lower.Link == "" || plan.KindOf(l.Kind).Tunnel {
		return plan.Link{}, false
	}
	lower, err := s.Link(l.Lower.Node, l.Lower.Link)
	return lower, err == nil
}

// atFrame takes a frame through a hook; what rules change in it is lost.
func (j *journey) atFrame(node string, k hook, f frame) End {
	k.frame = f.what
	q := j.seen(node, k, f.packet)
	q.ARP = f.arp
	if f.what != "" && !f.everybody {
		q.State = plan.StateUntracked
	}
	return j.run(node, k, q, nil)
}

// resolve asks for the hardware address of an interface and hears the answer, as the
// filters on the way allow it.
func (j *journey) resolve(out, owner plan.Ref, addr, src netip.Addr) End {
	way := j.between(out, owner)
	if way == nil {
		return nil
	}
	asks, answers := j.arp(src, addr)
	if addr.Is6() {
		asks, answers = j.solicitation(out, src, addr)
	}
	by := j.unreplicated(way)
	if by == nil {
		by = j.unflooded(way, addr.Is6())
	}
	if by != nil {
		return NoNeighbour{out, addr, []plan.Ref{owner}, Blocked{by}}
	}
	if end := j.exchange(way, asks); end != nil {
		return end
	}
	back := j.between(owner, out)
	if back == nil {
		if by, same := j.obstacle(owner, out); same && by != nil {
			return NoNeighbour{out, addr, []plan.Ref{owner}, Blocked{by}}
		}
		return nil
	}
	return j.exchange(back, answers)
}

// unflooded is a port on the way that a broadcast, or a multicast, does not leave by.
func (j *journey) unflooded(way []plan.Ref, multicast bool) Obstacle {
	for i, r := range way[1:] {
		l := j.link(r.Node, r.Link)
		stops := l.NoBroadcast && !multicast || l.NoMulticast && multicast
		if bridge := way[i]; stops && bridge.Node == r.Node && l.Master == bridge.Link {
			return Unflooded{r, bridge, multicast}
		}
	}
	return nil
}

// exchange takes a frame from one interface to another, past the filters of both nodes.
func (j *journey) exchange(way []plan.Ref, f frame) End {
	family := "arp"
	if f.arp == 0 {
		family = "ip"
	}
	from, to := way[0], way[len(way)-1]
	if end := j.atFrame(from.Node, hook{family: family, name: "output", out: j.link(from.Node, from.Link)}, f); end != nil {
		return end
	}
	if end := j.carry(way, f); end != nil {
		return end
	}
	return j.atFrame(to.Node, hook{family: family, name: "input", in: j.link(to.Node, to.Link)}, f)
}

// arp are an ARP request and its reply (RFC 826).
func (j *journey) arp(src, addr netip.Addr) (asks, answers frame) {
	return frame{packet: Packet{Src: src, Dst: addr}, arp: arpRequest, what: "ARP request"},
		frame{packet: Packet{Src: addr, Dst: src}, arp: arpReply, what: "ARP reply"}
}

// solicitation are a neighbor solicitation and its advertisement (RFC 4861).
func (j *journey) solicitation(out plan.Ref, src, addr netip.Addr) (asks, answers frame) {
	const solicits, advertises, hopLimit, size = 135, 136, 255, 72
	group := netip.MustParseAddr("ff02::1:ff00:0").As16()
	of := addr.As16()
	copy(group[13:], of[13:])
	if !src.IsValid() {
		src = linkLocal(j.link(out.Node, out.Link))
	}
	p := Packet{Src: src, Dst: netip.AddrFrom16(group), Proto: "icmp", Type: solicits, TTL: hopLimit, Size: size}
	back := Packet{Src: addr, Dst: src, Proto: "icmp", Type: advertises, TTL: hopLimit, Size: size}
	return frame{packet: p, what: "neighbor solicitation"}, frame{packet: back, what: "neighbor advertisement"}
}
