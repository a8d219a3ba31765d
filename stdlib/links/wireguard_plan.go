package links

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
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
	if w.refuseKnown(p); p.Failed() {
		return
	}
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

// refuseKnown refuses options about an end that another one knows where there is no other
// one; it may still be typed, so that this is about the whole statement.
func (w *wireguard) refuseKnown(p *verb.Plan) {
	for _, o := range w.A.Words {
		if o.Known != nil && w.B == nil {
			p.Fail(diag.Errorf(diag.OptionClash, p.At, "%s is about an end that another one knows, and there is no other one", o.Known.word()).
				WithHelp("write both ends, A:IFACE <-> B:IFACE, or let another one know it: wireguard B:IFACE peer %s %s …", w.A.At.Value, o.Known.word()))
		}
	}
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

// hosts are the addresses of an interface, each alone.
func hosts(addrs []netip.Prefix) (list []netip.Prefix) {
	for _, a := range addrs {
		if !a.Addr().IsLinkLocalUnicast() || a.Addr().Is4() {
			list = append(list, netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
		}
	}
	return list
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
