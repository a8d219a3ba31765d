package probes

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// wireguardProbe is the probe wireguard.
type wireguardProbe struct {
	From syntax.Endpoint `parser:"'wireguard' @@ '->'"`
	To   syntax.Endpoint `parser:"@@"`
	patient
}

// sessionFor is how long after a handshake its keys are used (REJECT_AFTER_TIME,
// drivers/net/wireguard/messages.h).
const sessionFor = 180 * time.Second

// WireGuard is the probe wireguard.
func WireGuard() *verb.Verb {
	return verb.Define[wireguardProbe](verb.Spec{
		Name:    plan.WireGuard,
		Summary: "two ends of a wireguard have shaken hands",
		Usage:   []string{"wireguard A[:IFACE] -> B[:IFACE]"},
		Doc: `It holds when a wireguard of A and one of B know each other as peers, and A has seen a
handshake with B in the last three minutes, which is as long as its keys are used. Without one,
A sends something to B, which begins one if A knows where B is.`,
		Examples: []verb.Example{
			{Note: "Both have to know each other.", Needs: "wireguard", Code: `ns red blue
link red <-> blue 10.0.0.0/24
wireguard red:wg0 10.9.0.1/24 <-> blue:wg0 10.9.0.2/24
expect wireguard red -> blue within 10s
expect wireguard blue:wg0 -> red:wg0
wireguard blue:wg0 peer red:wg0 remove
expect not wireguard red -> blue
`},
		},
	})
}

// Names reports nodes and interfaces that never were.
func (e *wireguardProbe) Names(view verb.Lab) diag.List {
	list := neverWas(view, e.From.Text, lab.PlaceOf(view, e.From))
	return append(list, neverWas(view, e.To.Text, lab.PlaceOf(view, e.To))...)
}

// Probe looks, and sends what begins a handshake if there was none.
func (e *wireguardProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	a := verb.Answer{Subject: "wireguard " + e.From.Value + " -> " + e.To.Value, Definite: true}
	from, gone, err := lab.LinksAt(env, lab.PlaceOf(env, e.From))
	if err != nil || gone != "" {
		a.Seen = gone
		return []verb.Answer{a}, err
	}
	to, gone, err := lab.LinksAt(env, lab.PlaceOf(env, e.To))
	if err != nil || gone != "" {
		a.Seen = gone
		return []verb.Answer{a}, err
	}
	l, o, seen := knownEnds(from, to, e)
	if seen != "" {
		a.Seen = seen
		return []verb.Answer{a}, nil
	}
	p, _ := l.WG.Peer(o.WG.Key.Public())
	if !shaken(p) {
		if p, err = begin(ctx, env, l, p, wait); err != nil {
			return nil, err
		}
	}
	a.Holds, a.Definite = shaken(p), shaken(p)
	switch {
	case a.Holds:
		a.Seen = fmt.Sprintf("%s and %s shook hands %s ago", l.Ref(), o.Ref(), time.Since(p.Handshake).Round(time.Second))
	case p.Endpoint.IsValid():
		a.Seen = fmt.Sprintf("no handshake of %s with %s at %s", l.Ref(), o.Ref(), p.Endpoint)
	default:
		a.Seen = fmt.Sprintf("no handshake: %s does not know where %s is", l.Ref(), o.Ref())
	}
	return []verb.Answer{a}, nil
}

func shaken(p plan.WGPeer) bool { return !p.Handshake.IsZero() && time.Since(p.Handshake) < sessionFor }

// knownEnds are an interface of each side that know each other, or what was seen instead.
func knownEnds(from, to []plan.Link, e *wireguardProbe) (l, o plan.Link, seen string) {
	seen = fmt.Sprintf("%s and %s have no wireguards that know each other", e.From.Value, e.To.Value)
	for _, l = range from {
		for _, o = range to {
			if l.Kind != plan.WireGuard || o.Kind != plan.WireGuard {
				continue
			}
			_, known := l.WG.Peer(o.WG.Key.Public())
			_, back := o.WG.Peer(l.WG.Key.Public())
			switch {
			case known && back:
				return l, o, ""
			case known:
				seen = fmt.Sprintf("%s is no peer of %s", l.Ref(), o.Ref())
			case back:
				seen = fmt.Sprintf("%s is no peer of %s", o.Ref(), l.Ref())
			}
		}
	}
	return l, o, seen
}

// begin sends to an address of a peer, and is the peer after that.
func begin(ctx context.Context, env *verb.Env, l plan.Link, p plan.WGPeer, wait time.Duration) (plan.WGPeer, error) {
	to := netip.Addr{}
	for _, a := range p.Allowed {
		if !to.IsValid() || a.IsSingleIP() {
			to = a.Addr()
		}
	}
	if to.IsValid() {
		if _, err := env.Ping(ctx, []plan.Ping{{Node: l.Node, To: to, Dev: l.Name, Count: 1, Wait: wait}}); err != nil {
			return p, err
		}
	}
	now, err := env.Link(l.Node, l.Name)
	p, _ = now.WG.Peer(p.Key)
	return p, err
}
