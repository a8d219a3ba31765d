package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// gre is the statement gre.
type gre struct {
	Ends tunnelEnds  `parser:"'gre' @@"`
	Opts []greOption `parser:"@@*"`
}

// greOption is one option of gre.
type greOption struct {
	Key    *syntax.Int   `parser:"  'key' @@"`
	Tunnel *tunnelOption `parser:"| @@"`
}

// GRE is the verb gre.
func GRE() *verb.Verb {
	return verb.Define[gre](verb.Spec{
		Name:    plan.GRE,
		Summary: "make a tunnel for IPv4 and IPv6 packets over IPv4",
		Usage: []string{
			"gre A:IFACE [ADDR/LEN…] <-> B:IFACE [ADDR/LEN…] [key N] [ttl N] [mtu N]",
			"gre NODE:IFACE remote B [local ADDR] [key N] [ttl N] [ADDR/LEN…] [mtu N]",
		},
		Doc: `What is sent over it travels in IPv4 packets of the protocol 47 (RFC 2784) to the other
end. The first form makes both ends, each with an address of the other's node as its
` + "`remote`" + `; the second makes one: ` + "`remote`" + ` is the other end, an address or a node, and ` + "`local`" + `
the address to send from, which the route gives otherwise. An end takes only what comes
from its remote address.

The packets that carry it are packets of the two nodes: they need routes there and back,
and a filter may drop them. ` + "`key`" + ` tells tunnels between the same two addresses apart (RFC
2890), and both ends have the same one. The MTU is 24 bytes less than that of the interface
by which the remote address is reached when the tunnel is made, 28 with a key. Its
packets have the time to live of those in them, unless ` + "`ttl`" + ` says otherwise.

The kernel needs its module ` + "`ip_gre`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "Two offices that reach each other's networks over a provider's.", Needs: "ip_gre", Code: `ns pc1 r1 isp r2 pc2
link pc1 10.1.0.2/24 <-> r1 10.1.0.1/24
link r1:wan 192.0.2.1/30 <-> isp:a 192.0.2.2/30
link isp:b 198.51.100.1/30 <-> r2:wan 198.51.100.2/30
link r2 10.2.0.1/24 <-> pc2 10.2.0.2/24
forward r1
forward isp
forward r2
route r1 default via 192.0.2.2
route r2 default via 198.51.100.1
route pc1 default via 10.1.0.1
route pc2 default via 10.2.0.1
expect not ping pc1 -> pc2
gre r1:gre1 10.9.0.1/30 remote 198.51.100.2
gre r2:gre1 10.9.0.2/30 remote 192.0.2.1
route r1 10.2.0.0/24 dev gre1
route r2 10.1.0.0/24 via 10.9.0.1
expect ping pc1 -> pc2
expect path pc1 -> pc2 via <r1 r2>
`},
			{Note: "Both ends at once, with IPv6 in it; the keys tell the two tunnels apart.", Needs: "ip_gre", Code: `ns red blue
link red <-> blue 10.0.0.0/24
gre red:gre1 10.9.0.1/30 <-> blue:gre1 10.9.0.2/30 key 1
gre red:gre2 fd00:9::1/64 <-> blue:gre2 fd00:9::2/64 key 2 ttl 64
expect link red:gre1 mtu 1472
expect ping red -> <10.9.0.2 fd00:9::2>
`},
		},
	})
}

// Check finds options that are wrong by themselves.
func (g *gre) Check() diag.List {
	list := g.tunnel().problems()
	for _, o := range g.Opts {
		if o.Key != nil && !o.Key.Dynamic && o.Key.Int() == 0 {
			list.Add(diag.Errorf(diag.BadNumber, o.Key.Span, "a key is 1 to 4294967295, not %s", o.Key.Value).
				WithHelp("a gre without a key takes packets without one"))
		}
	}
	return list
}

// Plan makes it.
func (g *gre) Plan(p *verb.Plan) { g.tunnel().plan(p) }

func (g *gre) tunnel() tunnelPlan {
	t := tunnelPlan{kind: plan.KindOf(plan.GRE), ends: g.Ends}
	key := 0
	for _, o := range g.Opts {
		if o.Key != nil {
			key = o.Key.Int()
		} else {
			t.opts = append(t.opts, *o.Tunnel)
		}
	}
	t.set = func(o *plan.LinkOptions) { o.Key = key }
	return t
}
