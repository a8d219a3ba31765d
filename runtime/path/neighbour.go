package path

import (
	"net/netip"
	"slices"
	"strconv"

	"nsl/runtime/plan"
)

// neighbour finds the interface that a packet for an address goes to on the
// segment of another (ARP and neighbour discovery in one), or how it ends there.
func (j *journey) neighbour(h *Hop, src netip.Addr) (plan.Ref, End) {
	s := j.Snapshot
	out := plan.Ref{Node: h.Node, Link: h.Out}
	l, err := s.Link(out.Node, out.Link)
	switch {
	case err != nil:
		return plan.Ref{}, Unknown{out.Node, err}
	case !l.Up:
		return plan.Ref{}, Down{out}
	case l.Taker() != "":
		bridge := plan.Ref{Node: out.Node, Link: l.Taker()}
		return plan.Ref{}, NoNeighbour{out, h.Next, s.owners(h.Next), Port{bridge}}
	case l.Kind == plan.WireGuard:
		return j.wgPeer(h, l, src)
	case pointToPoint(l):
		return j.otherEnd(h, l)
	}
	found := s.answering(out, h.Next, src)
	if e, ok := s.entry(h); ok {
		return s.holder(h, out, e, src, found)
	}
	if len(found) > 0 {
		h.Rivals = rivals(found, found[0])
		return found[0], j.resolve(out, found[0], h.Next, src)
	}
	owners := s.owners(h.Next)
	return plan.Ref{}, NoNeighbour{out, h.Next, owners, s.cause(out, h.Next, src, owners)}
}

// answering are the interfaces that answer for an address when one asks.
func (s *Snapshot) answering(out plan.Ref, addr, src netip.Addr) (found []plan.Ref) {
	search := s.search(out, passing)
	for r, ok := search.next(); ok; r, ok = search.next() {
		if r != out && s.answers(r, addr, src) {
			found = append(found, r)
		}
	}
	return found
}

// rivals are those of other nodes than the one that the packet goes to.
func rivals(found []plan.Ref, chosen plan.Ref) []plan.Ref {
	return slices.DeleteFunc(slices.Clone(found), func(r plan.Ref) bool { return r.Node == chosen.Node })
}

// entry is what the node's neighbour table says of the address, if it is used
// without asking.
func (s *Snapshot) entry(h *Hop) (plan.Neighbour, bool) {
	table, err := s.Neighbours(h.Node)
	if err != nil {
		return plan.Neighbour{}, false
	}
	own := s.macOf(h.Node, h.Out)
	for _, e := range table {
		if e.IP == h.Next && e.Dev == h.Out && e.MAC != "" && e.MAC != own {
			return e, true
		}
	}
	return plan.Neighbour{}, false
}

func (s *Snapshot) macOf(node, link string) string {
	l, err := s.Link(node, link)
	if err != nil {
		return ""
	}
	return l.MAC
}

// holder finds the interface that has the hardware address of an entry; found are
// those that answer.
func (s *Snapshot) holder(h *Hop, out plan.Ref, e plan.Neighbour, src netip.Addr, found []plan.Ref) (plan.Ref, End) {
	search := s.search(out, passing)
	for r, ok := search.next(); ok; r, ok = search.next() {
		l, err := s.Link(r.Node, r.Link)
		if r == out || err != nil || l.MAC != e.MAC || !l.Up {
			continue
		}
		if l.Taker() != "" { // a bridge takes what is for the address of any of its ports
			if r = (plan.Ref{Node: r.Node, Link: l.Taker()}); r == out {
				continue
			}
		}
		if !s.isOwn(r.Node, h.Next) && !has(l, h.Next) && !s.proxies(l, h.Next, src) {
			h.Entry = e
		} else if e.State != plan.Permanent {
			h.Rivals = rivals(found, r)
		}
		return r, nil
	}
	owners := s.owners(h.Next)
	cause := s.cause(out, h.Next, src, owners)
	if _, blocked := cause.(Blocked); !blocked && !s.anyHas(e.MAC) {
		cause = Mistaken{e}
	}
	return plan.Ref{}, NoNeighbour{out, h.Next, owners, cause}
}

// anyHas reports whether an interface of the lab has a hardware address.
func (s *Snapshot) anyHas(mac string) bool {
	return !s.eachLink(func(l plan.Link) bool { return l.MAC != mac })
}

// answers reports whether an interface that hears a question for an address
// answers it. A port hears nothing, its bridge does.
func (s *Snapshot) answers(r plan.Ref, addr, src netip.Addr) bool {
	l, err := s.Link(r.Node, r.Link)
	if err != nil || !l.Up || l.Taker() != "" {
		return false
	}
	own := has(l, addr) || addr.Is4() && s.isOwnIn(r.Node, l.VRF, addr)
	return own && s.mute(l, addr, src) == nil || !own && s.proxies(l, addr, src)
}

// mute says why an interface does not answer for an address of its node: ARP is
// off, arp_ignore limits it to the interface's own addresses, or arp_filter to who asks by
// the interface that leads to them (ip-sysctl.rst).
func (s *Snapshot) mute(l plan.Link, addr, src netip.Addr) Cause {
	if addr.Is6() {
		return nil
	}
	if l.NoARP {
		return Mute{Owner: l.Ref()}
	}
	level, key := 0, ""
	for _, scope := range []string{"all", plan.SettingName(l.Name)} {
		k := "net.ipv4.conf." + scope + ".arp_ignore"
		value, err := s.Sysctl(l.Node, k)
		if n, bad := strconv.Atoi(value); err == nil && bad == nil && n > level {
			level, key = n, k
		}
	}
	inSubnet := slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == addr && p.Contains(src) })
	if level == 1 && !has(l, addr) || level == 2 && !inSubnet || level == 8 {
		return Mute{Owner: l.Ref(), Key: key}
	}
	return s.filters4(l, addr, src)
}

// filters4 finds that arp_filter keeps an interface from answering: the way to who asks
// leaves by another one.
func (s *Snapshot) filters4(l plan.Link, addr, src netip.Addr) Cause {
	for _, scope := range []string{"all", plan.SettingName(l.Name)} {
		key := "net.ipv4.conf." + scope + ".arp_filter"
		if !src.IsValid() || !s.on(l.Node, key) {
			continue
		}
		r, err := s.RouteTo(l.Node, plan.RouteQuery{Dst: src, Src: addr})
		switch {
		case err != nil:
			return Mute{l.Ref(), key, src, ""}
		case len(r.Hops) > 0 && r.Hops[0].Dev != l.Name:
			return Mute{l.Ref(), key, src, r.Hops[0].Dev}
		}
	}
	return nil
}

// tunnelled is what keeps the frames of a vxlan or geneve from all its other ends, nil for
// nothing.
func (s *Snapshot) tunnelled(l plan.Link) (by Obstacle) {
	if !plan.KindOf(l.Kind).Tunnel || !l.Up || l.Remote.IsMulticast() {
		return nil
	}
	if l.Kind == plan.GENEVE {
		for _, by := range s.adjacent(l.Ref()) {
			return by
		}
		return s.unended(l)
	}
	by = Unreplicated{l.Ref()}
	for _, r := range s.remotes(l) {
		if r.mac != plan.NoMAC {
			continue
		}
		if by = s.buried(l, r.addr); by == nil {
			return nil
		}
	}
	return by
}

// cause finds out why no interface answers.
func (s *Snapshot) cause(out plan.Ref, addr, src netip.Addr, owners []plan.Ref) Cause {
	if len(owners) == 0 {
		return Unowned{s.firstObstacle(out), s.disabled(out, addr)}
	}
	l, err := s.Link(out.Node, out.Link)
	for _, o := range owners {
		if err == nil && (l.Kind == plan.MACVLAN || l.Kind == plan.IPVLAN) && l.Lower == o {
			return Lower{o}
		}
		if by, same := s.obstacle(out, o); same && by != nil {
			return Blocked{by}
		}
	}
	if by := s.tunnelled(l); by != nil {
		return Blocked{by}
	}
	if c := s.silent(out, addr, src, owners); c != nil {
		return c
	}
	if c := s.unproxied(out, addr); c != nil {
		return c
	}
	return s.apart(out, owners)
}

// silent finds an owner that frames reach and that does not answer.
func (s *Snapshot) silent(out plan.Ref, addr, src netip.Addr, owners []plan.Ref) Cause {
	search := s.search(out, passing)
	for r, ok := search.next(); ok; r, ok = search.next() {
		l, err := s.Link(r.Node, r.Link)
		owns := slices.ContainsFunc(owners, func(o plan.Ref) bool { return o.Node == r.Node && (o == r || addr.Is4()) })
		if r == out || err != nil || l.Taker() != "" || !owns {
			continue
		}
		if c := s.mute(l, addr, src); c != nil {
			return c
		}
	}
	return nil
}

// disabled is a node on a segment in which IPv6 is disabled, or "".
func (s *Snapshot) disabled(out plan.Ref, addr netip.Addr) string {
	if addr.Is4() {
		return ""
	}
	for r := range Segment(s, out) {
		l, err := s.Link(r.Node, r.Link)
		if err == nil && l.Taker() == "" && l.Kind != "bridge" && s.on(r.Node, "net.ipv6.conf."+plan.SettingName(r.Link)+".disable_ipv6") {
			return r.Node
		}
	}
	return ""
}
