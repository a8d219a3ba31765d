package links

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// planPeer lets one end know another one, or forget it.
func (w *wireguard) planPeer(p *verb.Plan) {
	l, ok := p.Iface(w.A.At)
	if ok && l.Kind != plan.WireGuard && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.WantsLink, w.A.At.Span, "%s is no wireguard", l.Ref()).
			WithHelp("make it first: wireguard %s ADDR/LEN", l.Ref()))
	}
	if !ok || p.Failed() {
		return
	}
	for _, o := range w.A.Words {
		p.Fail(refuseForOld(o, l))
	}
	s := &wgSide{p: p, at: w.Peer.Who.Span, ref: l.Ref(), was: l.WG, wg: l.WG}
	peer, ok := w.Peer.find(p, s)
	if !ok {
		return
	}
	if w.Peer.Remove != nil {
		if _, known := l.WG.Peer(peer.Key); !known && !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NotThere, w.Peer.Who.Span, "%s is no peer of %s", w.Peer.Who.Value, l.Ref()))
		}
		s.wg = s.wg.Without(peer.Key)
	} else {
		s.addPeer(peer)
	}
	s.emit()
}

// find is the peer as the statement has it known.
func (w *wgPeerWord) find(p *verb.Plan, s *wgSide) (peer plan.WGPeer, ok bool) {
	port := plan.KindOf(plan.WireGuard).Port
	if key, isKey := plan.ParseWGKey(w.Who.Value); isKey {
		peer.Key = key
	} else {
		l, found := p.Iface(w.Who.Endpoint)
		switch {
		case !found:
			return peer, false
		case l.Kind != plan.WireGuard:
			p.Fail(diag.Errorf(diag.WantsLink, w.Who.Span, "%s is no wireguard", l.Ref()))
		case l.Ref() == s.ref:
			p.Fail(diag.Errorf(diag.SameEnd, w.Who.Span, "%s cannot be its own peer", l.Ref()))
		}
		t := &wgSide{p: p, ref: l.Ref(), wg: l.WG}
		peer.Key, peer.Allowed, port = l.WG.Key.Public(), hosts(l.Addrs), l.WG.Port
		if e := t.endpointFor(s); t.reachedFrom(s, e) {
			peer.Endpoint = e
		}
	}
	for _, k := range w.Known {
		switch {
		case k.Endpoint != nil:
			peer.Endpoint = wgEndpoint(p, s.ref.Node, *k.Endpoint, port)
		case k.Allowed != nil:
			peer.Allowed = prefixesOf(*k.Allowed)
		default:
			peer.Keepalive = k.Keepalive.Int()
		}
	}
	return peer, !p.Failed()
}

// addPeer refuses a network that leads to another peer already.
func (s *wgSide) addPeer(peer plan.WGPeer) {
	for _, other := range s.wg.Without(peer.Key).Peers {
		for _, a := range peer.Allowed {
			if slices.Contains(other.Allowed, a) {
				s.p.Fail(diag.Errorf(diag.TunnelTaken, s.at, "%s sends %s to another peer already, %s", s.ref, a, lab.WGName(s.p, other.Key)).
					WithHelp("each network leads to one peer: write narrower allowed-ips"))
			}
		}
	}
	s.wg = s.wg.With(peer)
}

// endpointFor is where another end finds this one, the zero AddrPort if it has no address.
func (s *wgSide) endpointFor(from *wgSide) netip.AddrPort {
	for _, k := range s.known {
		if k.Endpoint != nil {
			return wgEndpoint(s.p, from.ref.Node, *k.Endpoint, s.wg.Port)
		}
	}
	t := lab.Target{Text: s.ref.Node, Ref: plan.Ref{Node: s.ref.Node}}
	addr, answer := t.TunnelEnd(s.p, from.ref.Node)
	if answer != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(s.wg.Port))
}

// wgEndpoint is an endpoint as it is written, for a node that sends to it.
func wgEndpoint(p *verb.Plan, from string, e syntax.WGEndpoint, port int) netip.AddrPort {
	if e.None() {
		return netip.AddrPort{}
	}
	if n := e.Port(); n != 0 {
		port = n
	}
	a := remoteOf(p, from, e.Target())
	if !a.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(port))
}

// reachedFrom reports whether what another end sends to an endpoint comes to this end's node.
func (s *wgSide) reachedFrom(from *wgSide, endpoint netip.AddrPort) bool {
	if !endpoint.IsValid() {
		return false
	}
	packet := path.Packet{Dst: endpoint.Addr(), Proto: "udp", SrcPort: uint16(from.wg.Port), DstPort: endpoint.Port()}
	return lab.Arrives(s.p, from.ref.Node, s.ref.Node, packet)
}

func (s *wgSide) has(word string) bool {
	return slices.ContainsFunc(s.known, func(k wgKnown) bool { return k.word() == word })
}

func prefixesOf(a wgAllowed) (list []netip.Prefix) {
	for _, s := range a.Nets {
		list = append(list, s.Prefix())
	}
	return list
}
