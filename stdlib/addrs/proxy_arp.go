package addrs

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// proxyARP is the statement proxy-arp.
type proxyARP struct {
	At   syntax.Endpoint `parser:"'proxy-arp' @@"`
	Mode *syntax.OnOff   `parser:"@@?"`
}

// ProxyARP is the verb proxy-arp.
func ProxyARP() *verb.Verb {
	return verb.Define[proxyARP](verb.Spec{
		Name:    "proxy-arp",
		Summary: "let a router answer ARP requests for what it has routes to",
		Usage:   []string{"proxy-arp NODE[:IFACE] [on|off]"},
		Doc: `On IFACE, NODE answers ARP requests for all IPv4 addresses to which it has a route over
another interface, with its own hardware address (RFC 1027). It has to be a router
(` + "`forward`" + `). The setting is ` + "`net.ipv4.conf.IFACE.proxy_arp`" + `. An answer may take
0.8 seconds. IPv6 has no such setting: there, each address needs an entry of its own,
` + "`neigh NODE:IFACE ADDR proxy`" + `.`,
		Examples: []verb.Example{
			{Note: "red takes all of 10.0.0.0/8 for its own link; r1 answers for what is on the other one.", Code: "ns red r1 blue\nlink red 10.1.0.1/8 <-> r1:eth0 10.1.0.254/24\nlink r1:eth1 10.2.0.254/24 <-> blue 10.2.0.1/24\nforward r1\nroute blue default via 10.2.0.254\nexpect not ping red -> blue\nproxy-arp r1:eth0\nexpect ping red -> blue\n"},
		},
	})
}

// Plan writes the setting.
func (x *proxyARP) Plan(p *verb.Plan) {
	l, ok := p.Iface(x.At)
	if !ok {
		return
	}
	if l.Name == plan.Loopback {
		p.Fail(diag.Errorf(diag.NotEthernet, x.At.Span, "no ARP request comes in by a loopback"))
		return
	}
	value := "1"
	if x.Mode != nil && !x.Mode.On() {
		value = "0"
	}
	lab.SetSysctl(p, p.At, l.Node, proxyKey(l, false), value)
}

// proxyKey is the setting that lets an interface answer for others.
func proxyKey(l plan.Link, six bool) string {
	name := plan.SettingName(l.Name)
	if six {
		return "net.ipv6.conf." + name + ".proxy_ndp"
	}
	return "net.ipv4.conf." + name + ".proxy_arp"
}
