package plan

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WGMTU is the MTU that a wireguard begins with, in bytes: it leaves room for its header and
// IPv6 on an interface with 1500 (wg_setup, drivers/net/wireguard/device.c).
const WGMTU = 1420

// WG is the configuration of an interface of the kind wireguard (wg(8)).
type WG struct {
	// Key is its private key, Port its UDP port.
	Key  WGKey
	Port int
	// Peers are sorted by their keys.
	Peers []WGPeer
}

// WGPeer is another end of a wireguard, as this end knows it.
type WGPeer struct {
	// Key is its public key.
	Key WGKey
	// Endpoint is where packets for it are sent: the zero AddrPort while that is not known. It
	// becomes the place that its packets come from.
	Endpoint netip.AddrPort
	// Allowed are the destinations that are sent to it, and the sources that it may send
	// from; sorted.
	Allowed []netip.Prefix
	// Keepalive is after how many seconds without a packet an empty one is sent, which keeps
	// NAT on the way open; 0 is never.
	Keepalive int
	// Handshake is when the last handshake with it was, the zero Time for never. It is not
	// part of a configuration.
	Handshake time.Time
}

// WGKey is a key of Curve25519 (RFC 7748).
type WGKey [32]byte

// String is the key in base64, as wg(8) writes it.
func (k WGKey) String() string { return base64.StdEncoding.EncodeToString(k[:]) }

// ParseWGKey reads what String wrote.
func ParseWGKey(s string) (k WGKey, ok bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return k, err == nil && copy(k[:], b) == len(k) && len(b) == len(k)
}

// LabKey is the private key that a wireguard interface of a lab gets. It follows from the name
// alone, so that a lab has the same keys in each run: they keep nothing secret.
func LabKey(r Ref) WGKey {
	return WGKey(sha256.Sum256([]byte("nsl wireguard " + r.Node + ":" + r.Link))).Clamped()
}

// Clamped is a private key as the kernel keeps it (RFC 7748, section 5).
func (k WGKey) Clamped() WGKey {
	k[0] &= 248
	k[31] = k[31]&127 | 64
	return k
}

// Public is the public key of a private one.
func (k WGKey) Public() (public WGKey) {
	if private, err := ecdh.X25519().NewPrivateKey(k[:]); err == nil {
		copy(public[:], private.PublicKey().Bytes())
	}
	return public
}

func compareKeys(a, b WGPeer) int { return slices.Compare(a.Key[:], b.Key[:]) }

// With is the configuration with a peer, which replaces the one of the same key.
func (c WG) With(p WGPeer) WG {
	c = c.Without(p.Key)
	p.Allowed = slices.Clone(p.Allowed)
	slices.SortFunc(p.Allowed, netip.Prefix.Compare)
	p.Allowed = slices.Compact(p.Allowed)
	i, _ := slices.BinarySearchFunc(c.Peers, p, compareKeys)
	c.Peers = slices.Insert(c.Peers, i, p)
	return c
}

// Without is the configuration without the peer of that key.
func (c WG) Without(key WGKey) WG {
	c.Peers = slices.DeleteFunc(slices.Clone(c.Peers), func(p WGPeer) bool { return p.Key == key })
	return c
}

// Peer is the peer of that key.
func (c WG) Peer(key WGKey) (WGPeer, bool) {
	i := slices.IndexFunc(c.Peers, func(p WGPeer) bool { return p.Key == key })
	if i < 0 {
		return WGPeer{}, false
	}
	return c.Peers[i], true
}

// PeerFor is the peer that what is for an address is sent to: the one whose prefix for it is
// the longest.
func (c WG) PeerFor(a netip.Addr) (best WGPeer, ok bool) {
	bits := -1
	for _, p := range c.Peers {
		for _, allowed := range p.Allowed {
			if allowed.Contains(a) && allowed.Bits() > bits {
				best, bits = p, allowed.Bits()
			}
		}
	}
	return best, bits >= 0
}

// Equal reports whether two configurations are the same.
func (c WG) Equal(other WG) bool {
	return c.Key == other.Key && c.Port == other.Port && slices.EqualFunc(c.Peers, other.Peers, WGPeer.Equal)
}

// Equal reports whether two ends know a third one in the same way.
func (p WGPeer) Equal(q WGPeer) bool {
	return p.Key == q.Key && p.Endpoint == q.Endpoint && p.Keepalive == q.Keepalive && slices.Equal(p.Allowed, q.Allowed)
}

// Words are the peer in the words of wg(8), which are those of its statement but for the name of
// persistent-keepalive.
func (p WGPeer) Words() []string {
	var w []string
	if p.Endpoint.IsValid() {
		w = append(w, "endpoint", p.Endpoint.String())
	}
	allowed := make([]string, len(p.Allowed))
	for i, a := range p.Allowed {
		allowed[i] = a.String()
	}
	return append(w, "persistent-keepalive", strconv.Itoa(p.Keepalive), "allowed-ips", strings.Join(allowed, ","))
}

// Describe is the configuration for people, without keys: "port 51820, peer 10.0.0.2:51820
// allowed-ips 10.9.0.2/32".
func (c WG) Describe() string {
	parts := []string{"port " + strconv.Itoa(c.Port)}
	for _, p := range c.Peers {
		at := "peer"
		if p.Endpoint.IsValid() {
			at += " " + p.Endpoint.String()
		}
		allowed := p.Words()
		parts = append(parts, at+" allowed-ips "+allowed[len(allowed)-1])
	}
	return strings.Join(parts, ", ")
}

// Details are the options of an interface for people, as [LinkOptions.Describe] has them in
// a node, or the configuration of a wireguard.
func (l Link) Details(node string) string {
	if l.Kind == WireGuard {
		return l.WG.Describe()
	}
	return l.Describe(l.Kind, node)
}

// SetWG gives a wireguard interface another configuration.
type SetWG struct {
	Node, Name string
	WG, Was    WG
}

func (SetWG) op() {}

// Effect is the new configuration.
func (o SetWG) Effect() Effect {
	text := "has " + strconv.Itoa(len(o.WG.Peers)) + " peers"
	if len(o.WG.Peers) == 1 {
		text = "has 1 peer"
	}
	return about(o.Node, o.Name, text)
}

// Inverse gives it the former one.
func (o SetWG) Inverse() []Op {
	return []Op{SetWG{Node: o.Node, Name: o.Name, WG: o.Was, Was: o.WG}}
}

// Changes are the peers that go, and those that are new or known in another way. One whose
// endpoint is forgotten goes first: there is no other way.
func (o SetWG) Changes() (gone []WGKey, set []WGPeer) {
	for _, was := range o.Was.Peers {
		if p, ok := o.WG.Peer(was.Key); !ok || was.Endpoint.IsValid() && !p.Endpoint.IsValid() {
			gone = append(gone, was.Key)
		}
	}
	for _, p := range o.WG.Peers {
		if was, ok := o.Was.Peer(p.Key); !ok || !was.Equal(p) {
			set = append(set, p)
		}
	}
	return gone, set
}

// Commands is wg set. wg reads a private key from a file.
func (o SetWG) Commands() []Command {
	gone, set := o.Changes()
	var cmds []Command
	wg := func(words ...string) Command {
		return Inside(o.Node, append([]string{"wg", "set", o.Name}, words...)...)
	}
	for _, k := range gone {
		cmds = append(cmds, wg("peer", k.String(), "remove"))
	}
	var words []string
	if o.WG.Port != o.Was.Port {
		words = append(words, "listen-port", strconv.Itoa(o.WG.Port))
	}
	if o.WG.Key != o.Was.Key {
		words = append(words, "private-key", "/proc/self/fd/0")
	}
	for _, p := range set {
		words = append(append(words, "peer", p.Key.String()), p.Words()...)
	}
	switch {
	case len(words) == 0:
		return cmds
	case o.WG.Key == o.Was.Key:
		return append(cmds, wg(words...))
	}
	return append(cmds, Command{"sh", "-c", "echo " + o.WG.Key.String() + " | " + wg(words...).String()})
}
