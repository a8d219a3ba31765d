package path

import (
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// NoPeer means that no peer of a wireguard has an address among its allowed IPs.
type NoPeer struct {
	Tunnel plan.Link
	Dst    netip.Addr
}

// NoWGEnd means that no wireguard of the lab has the key of a peer.
type NoWGEnd struct {
	Tunnel plan.Link
	Peer   plan.WGPeer
}

// NotAllowed means that a wireguard drops what comes from a peer, as the source is not among
// that peer's allowed IPs.
type NotAllowed struct {
	Tunnel, From plan.Link
	Src          netip.Addr
}

// NoEndpoint means that a wireguard does not know where a peer is, and waits for that to send
// first.
type NoEndpoint struct{ Tunnel, Peer plan.Link }

// OtherEnd means that what a wireguard sends to a peer's endpoint arrives in a node and at a
// port where that peer is not.
type OtherEnd struct {
	Tunnel, Peer plan.Link
	Endpoint     netip.AddrPort
	Node         string
	Port         int
}

func (NoPeer) obstacle()     {}
func (NoWGEnd) obstacle()    {}
func (NotAllowed) obstacle() {}
func (NoEndpoint) obstacle() {}
func (OtherEnd) obstacle()   {}

// wgPeers are the other ends of a wireguard, each with what keeps it from a handshake.
func (s *Snapshot) wgPeers(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	for _, p := range l.WG.Peers {
		o, ok := s.wgWith(p.Key)
		if ok && !yield(o.Ref(), s.wgSession(l, o)) {
			return false
		}
	}
	return true
}

// wgWith is the wireguard with that public key.
func (s *Snapshot) wgWith(key plan.WGKey) (found plan.Link, ok bool) {
	s.eachLink(func(l plan.Link) bool {
		ok = l.Kind == plan.WireGuard && l.WG.Key.Public() == key
		found = l
		return !ok
	})
	return found, ok
}

// wgSession is what keeps two ends from each other: it is enough that one reaches the other.
func (s *Snapshot) wgSession(l, o plan.Link) Obstacle {
	_, known := o.WG.Peer(l.WG.Key.Public())
	if by := alike(l, o, known); by != nil {
		return by
	}
	by := s.wgReaches(l, o)
	if by != nil && s.wgReaches(o, l) == nil {
		return nil
	}
	return by
}

// wgReaches is what keeps the packets of an end from another one.
func (s *Snapshot) wgReaches(l, o plan.Link) Obstacle {
	p, _ := l.WG.Peer(o.WG.Key.Public())
	if !p.Endpoint.IsValid() {
		return NoEndpoint{l, o}
	}
	c := s.carrierOf(l, p.Endpoint.Addr())
	if c.by == nil && c.node != "" && (c.node != homeOf(o) || c.port != o.WG.Port) {
		return OtherEnd{l, o, p.Endpoint, c.node, c.port}
	}
	return c.by
}

// wgPeer is where what is sent over a wireguard comes out, or how it ends. Who does not know
// where the other end is waits for it, unless this is an answer.
func (j *journey) wgPeer(h *Hop, l plan.Link, src netip.Addr) (plan.Ref, End) {
	dst := h.Query.Dst
	p, ok := l.WG.PeerFor(dst)
	if !ok {
		return j.wgEnds(h, l, NoPeer{l, dst})
	}
	o, ok := j.wgWith(p.Key)
	if !ok {
		return j.wgEnds(h, l, NoWGEnd{l, p})
	}
	if by := j.wgSession(l, o); by != nil {
		return j.wgEnds(h, l, by)
	}
	back, _ := o.WG.Peer(l.WG.Key.Public())
	if by := j.wgReaches(l, o); by != nil && !j.back && back.Keepalive == 0 {
		return j.wgEnds(h, l, by)
	}
	if src.IsValid() && !slices.ContainsFunc(back.Allowed, func(a netip.Prefix) bool { return a.Contains(src) }) {
		return j.wgEnds(h, l, NotAllowed{o, l, src})
	}
	return o.Ref(), nil
}

func (j *journey) wgEnds(h *Hop, l plan.Link, by Obstacle) (plan.Ref, End) {
	return plan.Ref{}, NoNeighbour{l.Ref(), h.Next, j.owners(h.Next), Blocked{by}}
}
