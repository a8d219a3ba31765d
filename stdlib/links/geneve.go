package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// geneve is the statement geneve.
type geneve struct {
	Ends tunnelEnds     `parser:"'geneve' @@"`
	ID   syntax.Int     `parser:"'id' @@"`
	Opts []geneveOption `parser:"@@*"`
}

// geneveOption is one option of geneve.
type geneveOption struct {
	Port   *syntax.Int   `parser:"  'dstport' @@"`
	Tunnel *tunnelOption `parser:"| @@"`
}

// Geneve is the verb geneve.
func Geneve() *verb.Verb {
	return verb.Define[geneve](verb.Spec{
		Name:    plan.GENEVE,
		Summary: "make a tunnel for Ethernet frames with two ends, in UDP packets",
		Usage: []string{
			"geneve A:IFACE [ADDR/LEN…] <-> B:IFACE [ADDR/LEN…] id N [dstport N] [ttl N] [mtu N]",
			"geneve NODE:IFACE id N remote B [dstport N] [ttl N] [ADDR/LEN…] [mtu N] [mac M]",
		},
		Doc: `Ethernet frames that leave by it travel in UDP packets (RFC 8926) to the geneve with the same
identifier at the other end. Unlike a ` + "`vxlan`" + ` it has one other end, and takes only what
comes from there. The first form makes both ends; in the second, ` + "`remote`" + ` is the other
end, an address or a node. The port is 6081 unless ` + "`dstport`" + ` says otherwise. It goes
over IPv4 and IPv6.

The MTU is 50 bytes less than that of the interface by which the remote address is reached
when it is made, 70 with IPv6. ` + "`attach`" + ` makes it a port of a bridge.

The kernel needs its module ` + "`geneve`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "A switch in each of two nodes, and one LAN over both.", Needs: "geneve", Code: `ns red blue pc1 pc2
link red:up 10.0.0.1/24 <-> blue:up 10.0.0.2/24
bridge red:sw <pc1 192.168.50.1/24> noaddr
bridge blue:sw <pc2 192.168.50.2/24> noaddr
geneve red:gnv0 <-> blue:gnv0 id 42
attach red:gnv0 -> red:sw
attach blue:gnv0 -> blue:sw
expect link red:gnv0 mtu 1450
expect ping pc1 -> pc2
`},
		},
	})
}

// Check finds numbers out of range, and options that are wrong by themselves.
func (g *geneve) Check() diag.List {
	list := g.tunnel().problems()
	list.Add(badVNI(plan.GENEVE, g.ID))
	for _, o := range g.Opts {
		list.Add(badPort(o.Port))
		if o.Tunnel != nil && o.Tunnel.Local != nil {
			list.Add(diag.Errorf(diag.OptionClash, o.Tunnel.Local.Span, "a geneve has no local address: it sends from that which the route gives").
				WithHelp("the kernel has no option for another; a vxlan has"))
		}
	}
	return list
}

// Plan makes it.
func (g *geneve) Plan(p *verb.Plan) { g.tunnel().plan(p) }

func (g *geneve) tunnel() tunnelPlan {
	t := tunnelPlan{kind: plan.KindOf(plan.GENEVE), ends: g.Ends}
	port := t.kind.Port
	for _, o := range g.Opts {
		if o.Port != nil {
			port = o.Port.Int()
		} else {
			t.opts = append(t.opts, *o.Tunnel)
		}
	}
	t.set = func(o *plan.LinkOptions) { o.ID, o.Port = g.ID.Int(), port }
	return t
}
