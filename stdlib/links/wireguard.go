package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// wireguard is the statement wireguard.
type wireguard struct {
	A    wgEnd       `parser:"'wireguard' @@"`
	B    *wgEnd      `parser:"( '<->' @@"`
	Peer *wgPeerWord `parser:"| 'peer' @@ )?"`
}

// wgEnd is an interface, and how others know it.
type wgEnd struct {
	At    syntax.Endpoint `parser:"@@"`
	Words []wgEndWord     `parser:"@@*"`
}

// wgEndWord is one option of an end.
type wgEndWord struct {
	Known *wgKnown       `parser:"  @@"`
	Port  *syntax.Port   `parser:"| 'port' @@"`
	Key   *syntax.WGKey  `parser:"| 'key' @@"`
	Made  *newLinkOption `parser:"| @@"`
}

// wgPeerWord is another end as one alone knows it.
type wgPeerWord struct {
	Who    syntax.WGPeer   `parser:"@@"`
	Remove *syntax.Keyword `parser:"( (?= 'remove') @@ )?"`
	Known  []wgKnown       `parser:"@@*"`
}

// wgKnown is one option of how an end is known to another.
type wgKnown struct {
	Endpoint  *syntax.WGEndpoint `parser:"  'endpoint' @@"`
	Allowed   *wgAllowed         `parser:"| 'allowed-ips' @@"`
	Keepalive *syntax.Int        `parser:"| 'keepalive' @@"`
}

// wgAllowed are subnets.
type wgAllowed struct {
	Nets []syntax.Subnet `parser:"( '<' @@* '>' | @@ )"`
}

const wgDoc = `IP packets that leave by it travel encrypted in UDP packets to the peer that has their
destination among its allowed IPs, and only packets whose sources are among the allowed IPs
of the peer that sent them are taken (wg(8)). The first form makes both ends and lets each
know the other; an end that is there already gets one more peer, so that a hub is made of
several statements. The options of an end are about that end:

- ` + "`endpoint`" + ` is where the other one sends to: an address or a node, with the port if that is
  another one, as that of a ` + "`publish`" + `; ` + "`none`" + ` if the other one is to wait for it. Without it,
  the end has the address of its node that the other one reaches. If only one of the two is
  reached, as through NAT, the other one has none and ` + "`keepalive 25`" + `.
- ` + "`allowed-ips`" + ` are networks that the other one reaches through it, besides its addresses.
  They need routes, too: ` + "`route A NET dev IFACE`" + `.
- ` + "`keepalive`" + ` is after how many idle seconds it sends an empty packet, which keeps NAT open.
- ` + "`port`" + ` is its UDP port, 51820 or the next that no other wireguard of the node has.

The second form makes one end without peers, and the third lets one end know another one,
as ` + "`wg set … peer`" + ` does: its endpoint and allowed IPs are found as in the first form unless
they are written. A handshake takes place when there is something to send;
` + "`expect wireguard`" + ` sees it. The MTU is 1420 unless ` + "`mtu`" + ` says otherwise.

The private keys follow from the names of node and interface, so that a lab has the same
ones in each run: they protect nothing. The node sends no ICMP redirects any more
(` + "`send_redirects`" + `), which the kernel turns off. The kernel needs its module ` + "`wireguard`" + `;
` + "`nsl doctor`" + ` says whether it is there.`

// WireGuard is the verb wireguard.
func WireGuard() *verb.Verb {
	return verb.Define[wireguard](verb.Spec{
		Name:    plan.WireGuard,
		Summary: "make an encrypted tunnel, with keys made for the lab",
		Usage: []string{
			"wireguard A:IFACE [ADDR/LEN…] [option…] <-> B:IFACE [ADDR/LEN…] [option…]",
			"wireguard NODE:IFACE [ADDR/LEN…] [port N] [key KEY] [mtu N]",
			"wireguard NODE:IFACE peer B:IFACE|KEY [endpoint ADDR[:PORT]|none] [allowed-ips <NET…>] [keepalive N]",
			"wireguard NODE:IFACE peer B:IFACE|KEY remove",
		},
		Doc: wgDoc,
		Examples: []verb.Example{
			{Note: "Two offices over the internet.", Needs: "wireguard", Code: `ns pc1 gw1 isp gw2 pc2
link pc1 10.1.0.2/24 <-> gw1 10.1.0.1/24
link gw1:wan 192.0.2.1/30 <-> isp:a 192.0.2.2/30
link isp:b 198.51.100.1/30 <-> gw2:wan 198.51.100.2/30
link gw2 10.2.0.1/24 <-> pc2 10.2.0.2/24
forward <gw1 isp gw2>
route gw1 default via 192.0.2.2
route gw2 default via 198.51.100.1
route pc1 default via 10.1.0.1
route pc2 default via 10.2.0.1
wireguard gw1:wg0 10.9.0.1/24 allowed-ips 10.1.0.0/24 <-> gw2:wg0 10.9.0.2/24 allowed-ips 10.2.0.0/24
route gw1 10.2.0.0/24 dev wg0
route gw2 10.1.0.0/24 dev wg0
expect ping pc1 -> pc2
expect path pc1 -> pc2 via <gw1 gw2>
`},
			{Note: "A hub and two that know only the hub, which they reach each other through.", Needs: "wireguard", Code: `ns hub a b
bridge sw <hub a b> 10.0.0.0/24
wireguard hub:wg0 10.9.0.1/24 allowed-ips 10.9.0.0/24 <-> a:wg0 10.9.0.2/24
wireguard hub:wg0 allowed-ips 10.9.0.0/24 <-> b:wg0 10.9.0.3/24
forward hub
expect ping a -> 10.9.0.3
`},
			{Note: "Each end by itself; a sends nothing before b is among its peers.", Needs: "wireguard", Code: `ns a b
link a <-> b 10.0.0.0/24
wireguard a:wg0 fd00:9::1/64 port 4500
wireguard b:wg0 fd00:9::2/64
wireguard b:wg0 peer a:wg0 endpoint 10.0.0.1
expect not ping a -> fd00:9::2 within 300ms
wireguard a:wg0 peer b:wg0 allowed-ips fd00:9::2/128
expect ping a -> fd00:9::2
`},
		},
	})
}

// Check finds options that do not fit the form, and numbers out of range.
func (w *wireguard) Check() (list diag.List) {
	for _, e := range w.ends() {
		for _, o := range e.Words {
			list.Add(w.problem(o))
		}
	}
	if w.Peer != nil {
		for _, k := range w.Peer.Known {
			list.Add(k.problem())
		}
		if w.Peer.Remove != nil && len(w.Peer.Known) > 0 {
			list.Add(diag.UnexpectedWord(w.Peer.Known[0].at().Span, plan.WireGuard, w.Peer.Known[0].word()))
		}
	}
	return list
}

func (w *wireguard) ends() []wgEnd {
	if w.B == nil {
		return []wgEnd{w.A}
	}
	return []wgEnd{w.A, *w.B}
}

func (w *wireguard) problem(o wgEndWord) *diag.Diagnostic {
	switch {
	case o.Made != nil && o.Made.MAC != nil:
		return diag.Errorf(diag.NotEthernet, o.Made.MAC.Span, "%s carries IP packets and has no hardware address", plan.WireGuard).
			WithHelp("%s", ethernetKind(plan.WireGuard))
	case o.Known != nil:
		return o.Known.problem()
	}
	return nil
}

// maxKeepalive is the largest interval, in seconds.
const maxKeepalive = 65535

func (k wgKnown) problem() *diag.Diagnostic {
	if k.Keepalive == nil || k.Keepalive.Dynamic || k.Keepalive.Int() <= maxKeepalive {
		return nil
	}
	return diag.Errorf(diag.BadNumber, k.Keepalive.Span, "keepalive is 0 to %d seconds, not %s", maxKeepalive, k.Keepalive.Value)
}

func (k wgKnown) word() string {
	switch {
	case k.Endpoint != nil:
		return "endpoint"
	case k.Allowed != nil:
		return "allowed-ips"
	}
	return "keepalive"
}

// at is the place of the option's value.
func (k wgKnown) at() syntax.Text {
	switch {
	case k.Endpoint != nil:
		return k.Endpoint.Text
	case k.Keepalive != nil:
		return k.Keepalive.Text
	case len(k.Allowed.Nets) > 0:
		return k.Allowed.Nets[0].Text
	}
	return syntax.Text{}
}
