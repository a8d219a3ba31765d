package links

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// wgSide is one end while a statement is planned: one that is there, or that is made.
type wgSide struct {
	p    *verb.Plan
	at   source.Span
	ref  plan.Ref
	made *linkPlan
	// was is its configuration, and wg what it will be.
	was, wg plan.WG
	addrs   []netip.Prefix
	known   []wgKnown
}

// usualKeepalive keeps NAT open: no router of today forgets UDP sooner (wg(8)).
const usualKeepalive = 25

// Plan makes what is not there, and lets the ends know each other.
func (w *wireguard) Plan(p *verb.Plan) {
	if w.Peer != nil {
		w.planPeer(p)
		return
	}
	a, ok := beginWG(p, w.A, w.B == nil)
	if !ok {
		return
	}
	if w.B == nil {
		a.emit()
		return
	}
	b, ok := beginWG(p, *w.B, false)
	if !ok {
		return
	}
	if a.ref == b.ref {
		p.Fail(diag.Errorf(diag.SameEnd, w.B.At.Span, "both ends are %s", a.ref))
		return
	}
	a.meet(b)
	if a.made != nil && b.made != nil {
		warnApart(p, w.B.At.Span, a.addrs, b.addrs)
	}
	a.emit()
	b.emit()
}

// beginWG is an end, with what it has by itself; fresh refuses one that is there.
func beginWG(p *verb.Plan, e wgEnd, fresh bool) (*wgSide, bool) {
	s := &wgSide{p: p, at: e.At.Span}
	for _, o := range e.Words {
		if o.Known != nil {
			s.known = append(s.known, *o.Known)
		}
	}
	if l, ok := wgThere(p, e.At); ok && !fresh {
		s.ref, s.was, s.wg, s.addrs = l.Ref(), l.WG, l.WG, l.Addrs
		for _, o := range e.Words {
			s.p.Fail(refuseForOld(o, l))
		}
		return s, !p.Failed()
	}
	m, ok := newLink(p, e.At, plan.WireGuard)
	if !ok {
		return nil, false
	}
	s.made, s.ref = m, plan.Ref{Node: m.op.Node, Link: m.op.Name}
	m.op.Lower.Node = m.op.Node
	s.wg = plan.WG{Key: plan.LabKey(s.ref), Port: freeWGPort(p, e.At, m.op.Node)}
	for _, o := range e.Words {
		s.apply(o)
	}
	s.addrs = m.port.Addrs
	return s, !p.Failed()
}

// wgThere is the wireguard of that name, if there is one.
func wgThere(p *verb.Plan, e syntax.Endpoint) (plan.Link, bool) {
	node, link := e.Split()
	if !e.HasLink() {
		node, link = plan.Host, node
	}
	l, err := p.Link(node, link)
	return l, err == nil && l.Kind == plan.WireGuard
}

// refuseForOld refuses what only one that is made can have.
func refuseForOld(o wgEndWord, l plan.Link) *diag.Diagnostic {
	fixed := func(word string, at source.Span) *diag.Diagnostic {
		return diag.Errorf(diag.OptionClash, at, "%s is there already, and %s is what it is made with", l.Ref(), word).
			WithHelp("leave it out: the statement only adds a peer")
	}
	switch {
	case o.Port != nil:
		return fixed("port", o.Port.Span)
	case o.Key != nil:
		return fixed("key", o.Key.Span)
	case o.Made != nil && o.Made.MTU != nil:
		return fixed("mtu", o.Made.MTU.Span)
	case o.Made != nil && o.Made.Addr != nil && !slices.Contains(l.Addrs, o.Made.Addr.Prefix()):
		return diag.Errorf(diag.OptionClash, o.Made.Addr.Span, "%s is there already, without this address", l.Ref()).
			WithHelp("give it the address first: addr %s %s", l.Ref(), o.Made.Addr.Value)
	}
	return nil
}

// freeWGPort is the usual port, or the next one that no wireguard of the node has.
func freeWGPort(p *verb.Plan, e syntax.Endpoint, node string) int {
	port := plan.KindOf(plan.WireGuard).Port
	links := verb.Ask(p, e.Span, p.Links, node)
	for slices.ContainsFunc(links, func(l plan.Link) bool { return l.WG.Port == port }) {
		port++
	}
	return port
}

func (s *wgSide) apply(o wgEndWord) {
	switch {
	case o.Port != nil:
		s.wg.Port = o.Port.Number()
	case o.Key != nil:
		k, _ := plan.ParseWGKey(o.Key.Value)
		s.wg.Key = k.Clamped()
	case o.Made != nil:
		s.made.apply(*o.Made)
	}
}

// meet lets two ends know each other. If only one of them is reached, the other one begins.
func (s *wgSide) meet(t *wgSide) {
	toT, toS := t.endpointFor(s), s.endpointFor(t)
	switch tReached, sReached := t.reachedFrom(s, toT), s.reachedFrom(t, toS); {
	case tReached == sReached:
	case tReached && !s.has("endpoint"):
		toS = netip.AddrPort{}
	case sReached && !t.has("endpoint"):
		toT = netip.AddrPort{}
	}
	s.add(t, toT, !toS.IsValid())
	t.add(s, toS, !toT.IsValid())
}

// add is one more peer; begins: it does not know this end before that sends.
func (s *wgSide) add(t *wgSide, endpoint netip.AddrPort, begins bool) {
	peer := plan.WGPeer{Key: t.wg.Key.Public(), Endpoint: endpoint, Allowed: hosts(t.addrs)}
	if begins && endpoint.IsValid() {
		peer.Keepalive = usualKeepalive
	}
	for _, k := range s.known {
		if k.Keepalive != nil {
			peer.Keepalive = k.Keepalive.Int()
		}
	}
	for _, k := range t.known {
		if k.Allowed != nil {
			peer.Allowed = append(peer.Allowed, prefixesOf(*k.Allowed)...)
		}
	}
	s.addPeer(peer)
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

// hosts are the addresses of an interface, each alone.
func hosts(addrs []netip.Prefix) (list []netip.Prefix) {
	for _, a := range addrs {
		if !a.Addr().IsLinkLocalUnicast() || a.Addr().Is4() {
			list = append(list, netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
		}
	}
	return list
}

func prefixesOf(a wgAllowed) (list []netip.Prefix) {
	for _, s := range a.Nets {
		list = append(list, s.Prefix())
	}
	return list
}

func (s *wgSide) has(word string) bool {
	return slices.ContainsFunc(s.known, func(k wgKnown) bool { return k.word() == word })
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

// emit makes the end, or changes it.
func (s *wgSide) emit() {
	if s.p.Failed() {
		return
	}
	set := plan.SetWG{Node: s.ref.Node, Name: s.ref.Link, WG: s.wg, Was: s.was}
	if s.made == nil {
		if !s.wg.Equal(s.was) {
			s.p.Do(s.p.At, set)
		}
		return
	}
	s.made.configure = append([]plan.Op{set}, noRedirects(s.p, s.at, s.ref.Node)...)
	s.made.emit()
}

// noRedirects is what setting a wireguard up does besides (wg_open), as an op that is undone.
func noRedirects(p *verb.Plan, at source.Span, node string) []plan.Op {
	const key = "net.ipv4.conf.all.send_redirects"
	was, err := p.Sysctl(node, key)
	p.Err(at, err)
	if was == "0" {
		return nil
	}
	return []plan.Op{plan.SetSysctl{Node: node, Key: key, Value: "0", Was: was, Optional: true}}
}

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
