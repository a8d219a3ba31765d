package path

import (
	"net/netip"
	"slices"
	"strconv"

	"nsl/runtime/plan"
)

// hopLimit is the time to live of a packet of the node's own: that of its route, of the
// interface, or of the node (ip_default_ttl, hop_limit; ip-sysctl.rst). Key is the setting
// that says so, "" for the route.
func (j *journey) hopLimit(h *Hop) (ttl int, key string) {
	if h.Route.HopLimit != 0 {
		return h.Route.HopLimit, ""
	}
	key = "net.ipv4.ip_default_ttl"
	if h.Query.Dst.Is6() {
		key = "net.ipv6.conf.all.hop_limit"
		if len(h.Route.Hops) > 0 {
			key = "net.ipv6.conf." + plan.SettingName(h.Route.Hops[0].Dev) + ".hop_limit"
		}
	}
	value, err := j.Sysctl(h.Node, key)
	if n, bad := strconv.Atoi(value); err == nil && bad == nil && n > 0 {
		return n, key
	}
	return defaultTTL, key
}

// leaves is what ends a packet of the node's own before its filters see it: it has no
// source but the loopback's, or an IPsec policy stops it.
func (j *journey) leaves(h *Hop, p *Packet) End {
	if h.Route.Kind != "local" && p.Src.IsLoopback() && !p.Dst.IsLoopback() {
		return NoSource{h.Node, p.Dst}
	}
	return j.policed(h, p, "out")
}

// misrouted finds that a packet does not end where it could: the route says that its
// destination is a broadcast address, or not the node's own although an interface has it.
func (j *journey) misrouted(h *Hop, p *Packet) End {
	if h.Route.Kind == "broadcast" {
		return Broadcast{h.Node, p.Dst}
	}
	return j.unlocal(h.Node, p.Dst)
}

// unlocal finds that an interface of a node has an address which is not the node's own.
func (j *journey) unlocal(node string, dst netip.Addr) End {
	links, err := j.Links(node)
	if err != nil || j.isOwn(node, dst) {
		return nil
	}
	for _, l := range links {
		if l.Up && has(l, dst) {
			return Unlocal{l.Ref(), dst, slices.Contains(l.Duplicate, dst)}
		}
	}
	return nil
}

// policed is what the IPsec policies of the node do with a packet; dir is "in", "out" or
// "fwd". The loopback has none (net/ipv4/devinet.c).
func (j *journey) policed(h *Hop, p *Packet, dir string) End {
	rules, err := j.Ruleset(h.Node)
	if err != nil || h.In == plan.Loopback || h.Route.Kind == "local" && dir == "out" {
		return nil
	}
	for _, policy := range rules.Policies {
		if policy.Dir != dir || !policy.Matches(p.Src, p.Dst, p.number()) {
			continue
		}
		end := Policed{h.Node, policy}
		switch {
		case policy.Ports:
			j.doubts = append(j.doubts, end)
			continue
		case policy.Blocks, policy.Protects && (dir != "out" || !policy.Keyed):
			return end
		case policy.Protects:
			j.doubts = append(j.doubts, end)
		}
		return nil
	}
	return nil
}

func linkLocal(l plan.Link) netip.Addr {
	for _, a := range l.Addrs {
		if a.Addr().IsLinkLocalUnicast() {
			return a.Addr()
		}
	}
	return netip.IPv6Unspecified()
}
