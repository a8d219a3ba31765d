package routes

import (
	"errors"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// forward is the statement forward.
type forward struct {
	Nodes []syntax.NodeRef `parser:"'forward' ((?! 'on' | 'off') @@ | '<' @@* '>')+"`
	Mode  *syntax.OnOff    `parser:"@@?"`
}

// Forward is the verb forward.
func Forward() *verb.Verb {
	return verb.Define[forward](verb.Spec{
		Name:    "forward",
		Also:    []string{"router", "gateway", "routing"},
		Summary: "make a node a router: let it forward packets",
		Usage:   []string{"forward NODE… [on|off]"},
		Doc: `A node drops packets that are not for itself, until this statement lets it hand
them on by its routes. It holds for IPv4 and IPv6; the settings are
` + "`net.ipv4.ip_forward` and `net.ipv6.conf.all.forwarding`" + `.

Both sides need a route through the router, too: see ` + "`route`" + `.`,
		Examples: []verb.Example{
			{Note: "Several routers at once.", Code: "ns r1 r2 r3\nforward r1 r2\nforward <r2 r3>\nexpect sysctl r3 net.ipv4.ip_forward=1\nforward r1 r2 off\nexpect sysctl r1 net.ipv4.ip_forward=0\n"},
			{Note: "Two subnets and a router.", Code: "ns red r1 blue\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24\nroute red default via 10.0.1.2\nroute blue default via 10.0.2.1\nexpect not ping red -> blue\nforward r1\nexpect ping red -> blue\n"},
		},
	})
}

// Check finds other words for on and off.
func (f *forward) Check() diag.List {
	if len(f.Nodes) < 2 {
		return nil
	}
	last := f.Nodes[len(f.Nodes)-1]
	mode := map[string]string{"enable": "on", "enabled": "on", "yes": "on", "true": "on", "1": "on",
		"disable": "off", "disabled": "off", "no": "off", "false": "off", "0": "off"}[last.Value]
	if mode == "" || f.Mode != nil {
		return nil
	}
	return diag.List{diag.UnexpectedWord(last.Span, "forward", last.Value).WithHelp("did you mean %q?", mode).WithFix(last.Span, "", mode)}
}

// Plan writes both settings where they differ. A kernel without IPv6 has only
// the first.
func (f *forward) Plan(p *verb.Plan) {
	value := "1"
	if f.Mode != nil && !f.Mode.On() {
		value = "0"
	}
	done := map[string]bool{}
	for _, word := range f.Nodes {
		if node, ok := p.Node(word); ok && !done[node] {
			done[node] = true
			forwardIn(p, word.Span, node, value)
		}
	}
}

func forwardIn(p *verb.Plan, at source.Span, node, value string) {
	lab.SetSysctl(p, at, node, lab.ForwardingKey(false), value)
	if _, err := p.Sysctl(node, lab.ForwardingKey(true)); !errors.Is(err, plan.ErrNoSysctl) {
		lab.SetSysctl(p, at, node, lab.ForwardingKey(true), value)
	}
}
