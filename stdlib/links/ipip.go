package links

import (
	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// ipip is the statement ipip.
type ipip struct {
	Ends tunnelEnds     `parser:"'ipip' @@"`
	Opts []tunnelOption `parser:"@@*"`
}

// sit is the statement sit.
type sit struct {
	Ends tunnelEnds     `parser:"'sit' @@"`
	Opts []tunnelOption `parser:"@@*"`
}

// IPIP is the verb ipip.
func IPIP() *verb.Verb {
	return verb.Define[ipip](verb.Spec{
		Name:    plan.IPIP,
		Summary: "make a tunnel for IPv4 packets over IPv4",
		Usage: []string{
			"ipip A:IFACE [ADDR/LEN…] <-> B:IFACE [ADDR/LEN…] [ttl N] [mtu N]",
			"ipip NODE:IFACE remote B [local ADDR] [ttl N] [ADDR/LEN…] [mtu N]",
		},
		Doc: `As ` + "`gre`" + `, with no more than a second IPv4 header before each packet (protocol 4, RFC
2003): the MTU is 20 bytes less than that of the interface under it. It carries IPv4
alone, and has no keys: two of them cannot have the same ends.

The kernel needs its module ` + "`ipip`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "A network beside the one that carries it.", Needs: "ipip", Code: `ns red blue
link red <-> blue 10.0.0.0/24
ipip red:tun1 10.9.0.1/30 <-> blue:tun1 10.9.0.2/30
expect link red:tun1 mtu 1480
expect ping red -> 10.9.0.2
`},
		},
	})
}

// SIT is the verb sit.
func SIT() *verb.Verb {
	return verb.Define[sit](verb.Spec{
		Name:    plan.SIT,
		Summary: "make a tunnel for IPv6 packets over IPv4",
		Usage: []string{
			"sit A:IFACE [ADDR/LEN…] <-> B:IFACE [ADDR/LEN…] [ttl N] [mtu N]",
			"sit NODE:IFACE remote B [local ADDR] [ttl N] [ADDR/LEN…] [mtu N]",
		},
		Doc: `As ` + "`gre`" + `, with no more than an IPv4 header before each IPv6 packet (protocol 41, 6in4, RFC
4213): the MTU is 20 bytes less than that of the interface under it. It carries IPv6
alone, as nodes use it whose provider has only IPv4.

The kernel needs its module ` + "`sit`" + `; ` + "`nsl doctor`" + ` says whether it is there.`,
		Examples: []verb.Example{
			{Note: "IPv6 over a network that has only IPv4.", Needs: "sit", Code: `ns red isp blue
link red 192.0.2.1/30 <-> isp 192.0.2.2/30
link isp:b 198.51.100.1/30 <-> blue 198.51.100.2/30
forward isp
route red default via 192.0.2.2
route blue default via 198.51.100.1
sit red:six fd00:9::1/64 remote 198.51.100.2
sit blue:six fd00:9::2/64 remote 192.0.2.1
expect ping red -> fd00:9::2
expect path red -> fd00:9::2 via <>
`},
		},
	})
}

// Check finds options that are wrong by themselves.
func (i *ipip) Check() diag.List { return i.tunnel().problems() }

// Check finds options that are wrong by themselves.
func (s *sit) Check() diag.List { return s.tunnel().problems() }

// Plan makes it.
func (i *ipip) Plan(p *verb.Plan) { i.tunnel().plan(p) }

// Plan makes it.
func (s *sit) Plan(p *verb.Plan) { s.tunnel().plan(p) }

func (i *ipip) tunnel() tunnelPlan { return plainTunnel(plan.IPIP, i.Ends, i.Opts) }

func (s *sit) tunnel() tunnelPlan { return plainTunnel(plan.SIT, s.Ends, s.Opts) }

// plainTunnel is one whose kind has no options of its own.
func plainTunnel(kind string, ends tunnelEnds, opts []tunnelOption) tunnelPlan {
	return tunnelPlan{kind: plan.KindOf(kind), ends: ends, opts: opts, set: func(*plan.LinkOptions) {}}
}
