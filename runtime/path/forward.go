package path

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

const broadcastMAC = "ff:ff:ff:ff:ff:ff"

// isGroup reports whether frames to a hardware address are for many.
func isGroup(mac string) bool {
	const groupDigits = "13579bdf" // the lowest bit of the first byte
	return len(mac) > 1 && strings.ContainsRune(groupDigits, rune(mac[1]))
}

// mirrored finds that both ends of a way through a bridge have one hardware address: the
// bridge learns it of the sender, and sends nothing back where it comes from.
func (j *journey) mirrored(way []plan.Ref) End {
	if j.macs[0] != j.macs[1] || j.macs[0] == "" {
		return nil
	}
	for _, r := range way[1 : len(way)-1] {
		if l := j.link(r.Node, r.Link); l.Kind == "bridge" {
			return SameMAC{way[0], way[len(way)-1], j.macs[0]}
		}
	}
	return nil
}

// forwarded is what the forwarding database of a bridge does with a frame that comes in by
// a port, and is to leave by another; the zero Link is the bridge itself.
func (j *journey) forwarded(in, bridge, out plan.Link) End {
	entries, err := j.Forwarding(bridge.Node)
	if err != nil {
		return nil
	}
	if in.Locked && !j.comesBy(entries, in) {
		return Locked{in.Ref(), bridge.Ref(), j.macs[0]}
	}
	if isGroup(j.macs[1]) {
		return nil
	}
	wanted := out
	if out.Name == "" {
		wanted = bridge
	}
	for _, e := range entries {
		if e.MAC == j.macs[1] && j.belongs(e, bridge) && (e.Static || wanted.NoLearning) {
			if e.Dev == wanted.Name || e.Local == (out.Name == "") && e.Local {
				return nil
			}
			return Misforwarded{bridge.Ref(), e, wanted.Ref()}
		}
	}
	if out.NoFlood && out.NoLearning {
		return Misforwarded{Bridge: bridge.Ref(), Port: out.Ref()}
	}
	return nil
}

// comesBy reports whether the sender of the frame is known at a port.
func (j *journey) comesBy(entries []plan.ForwardEntry, in plan.Link) bool {
	for _, e := range entries {
		if e.MAC == j.macs[0] && e.Dev == in.Name && !e.Local {
			return true
		}
	}
	return false
}

// belongs reports whether an entry is one of a bridge.
func (j *journey) belongs(e plan.ForwardEntry, bridge plan.Link) bool {
	return e.Dev == bridge.Name || j.link(bridge.Node, e.Dev).Master == bridge.Name
}

// remotes are the other ends that a tunnel sends to. Those that a vxlan
// learned are for the answers to what came from there.
func (s *Snapshot) remotes(l plan.Link) (list []remote) {
	switch l.Kind {
	case plan.VXLAN:
	case plan.WireGuard:
		for _, p := range l.WG.Peers {
			list = append(list, remote{p.Endpoint.Addr(), plan.NoMAC})
		}
		return list
	default:
		return []remote{{l.Remote, plan.NoMAC}}
	}
	entries, err := s.Forwarding(l.Node)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.Dev == l.Name && e.Dst.IsValid() && !e.Dst.IsMulticast() {
			list = append(list, remote{e.Dst, e.MAC})
		}
	}
	return list
}

// unreplicated is what keeps the broadcasts of a vxlan on a way from its other end, though
// what is for one interface there may have its entry.
func (s *Snapshot) unreplicated(way []plan.Ref) Obstacle {
	for i, r := range way[:len(way)-1] {
		l, err := s.Link(r.Node, r.Link)
		if err != nil || l.Kind != plan.VXLAN || way[i+1].Node == r.Node || l.Remote.IsMulticast() {
			continue
		}
		reaches := func(e remote) bool {
			return e.mac == plan.NoMAC && slices.ContainsFunc(s.owners(e.addr), func(o plan.Ref) bool { return o.Node == way[i+1].Node })
		}
		if other, err := s.Link(way[i+1].Node, way[i+1].Link); err == nil && other.Kind == plan.VXLAN && !slices.ContainsFunc(s.remotes(l), reaches) {
			return s.tunnelled(l)
		}
	}
	return nil
}

// remote is the other end of a vxlan, and the hardware address that is there, or
// [plan.NoMAC] for what is not known.
type remote struct {
	addr netip.Addr
	mac  string
}

// carried follows the packets in which the tunnels on a way carry one of that size.
func (j *journey) carried(way []plan.Ref, size int) End {
	for i, r := range way[:len(way)-1] {
		l := j.link(r.Node, r.Link)
		next := j.link(way[i+1].Node, way[i+1].Link)
		if size == 0 || !plan.KindOf(l.Kind).Tunnel || next.Kind != l.Kind || slices.Contains(j.tunnels, r) {
			continue
		}
		for _, e := range j.remotes(l) {
			home := func(o plan.Ref) bool { return o.Node == homeOf(next) }
			if !slices.ContainsFunc(j.owners(e.addr), home) {
				continue
			}
			p := outerPacket(l, e.addr)
			p.Size = size + l.Header(l.Kind)
			p.DontFragment = plan.KindOf(l.Kind).Bare && l.Kind != plan.WireGuard
			outer := newJourney(j.Snapshot)
			outer.tunnels = append(slices.Clone(j.tunnels), r)
			if f := outer.follow(homeOf(l), p, ""); !f.Arrived() {
				return Sunk{Buried{l, e.addr, f}}
			}
			break
		}
	}
	return nil
}
