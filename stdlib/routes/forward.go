package routes

import (
	"errors"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// forward is the statement forward.
type forward struct {
	Node syntax.NodeRef `parser:"'forward' @@"`
	Mode *syntax.OnOff  `parser:"@@?"`
}

// Forward is the verb forward.
func Forward() *verb.Verb {
	return verb.Define[forward](verb.Spec{
		Name:    "forward",
		Summary: "make a node a router: let it forward packets",
		Usage:   []string{"forward NODE [on|off]"},
		Doc: `A node drops packets that are not for itself, until this statement lets it hand
them on by its routes. It holds for IPv4 and IPv6; the settings are
` + "`net.ipv4.ip_forward` and `net.ipv6.conf.all.forwarding`" + `.

Both sides need a route through the router, too: see ` + "`route`" + `.`,
		Examples: []verb.Example{
			{Note: "Two subnets and a router.", Code: "ns red r1 blue\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24\nroute red default via 10.0.1.2\nroute blue default via 10.0.2.1\nexpect not ping red -> blue\nforward r1\nexpect ping red -> blue\n"},
		},
	})
}

// Plan writes both settings where they differ. A kernel without IPv6 has only
// the first.
func (f *forward) Plan(p *verb.Plan) {
	node, ok := p.Node(f.Node)
	if !ok {
		return
	}
	value := "1"
	if f.Mode != nil && !f.Mode.On() {
		value = "0"
	}
	lab.SetSysctl(p, f.Node.Span, node, lab.ForwardingKey(false), value)
	if _, err := p.Sysctl(node, lab.ForwardingKey(true)); !errors.Is(err, plan.ErrNoSysctl) {
		lab.SetSysctl(p, f.Node.Span, node, lab.ForwardingKey(true), value)
	}
}
