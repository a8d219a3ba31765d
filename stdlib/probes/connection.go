package probes

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// connectionProbe is the probe connection.
type connectionProbe struct {
	From *syntax.Target     `parser:"'connection' @@? '->'"`
	To   syntax.PublishTo   `parser:"@@"`
	Opts []connectionOption `parser:"@@*"`
	once
}

// connectionOption is one option of the probe.
type connectionOption struct {
	Proto *syntax.Keyword   `parser:"  (?= 'tcp' | 'udp' | 'icmp') @@"`
	On    *syntax.NodeRef   `parser:"| 'on' @@"`
	As    *syntax.PublishTo `parser:"| 'as' @@"`
	To    *syntax.PublishTo `parser:"| 'to' @@"`
	State *syntax.Keyword   `parser:"| (?= 'answered' | 'unanswered' | 'established') @@"`
}

// Word is the option's name.
func (o connectionOption) Word() (string, syntax.Text) {
	switch {
	case o.Proto != nil:
		return "the protocol", o.Proto.Text
	case o.On != nil:
		return "on", o.On.Text
	case o.As != nil:
		return "as", o.As.Text
	case o.To != nil:
		return "to", o.To.Text
	}
	return "the state", o.State.Text
}

// Connection is the probe connection.
func Connection() *verb.Verb {
	return verb.Define[connectionProbe](verb.Spec{
		Name:    "connection",
		Summary: "a node tracks a connection, and what NAT makes of it",
		Usage:   []string{"connection [A] -> B[:PORT] [tcp|udp|icmp] [as ADDRESS[:PORT]] [to ADDRESS[:PORT]] [answered|unanswered|established] [on NODE]"},
		Doc: `Reads NODE's table of connections (connection tracking; the host's, if none is named). A and B
are a node or an address, as the first packet has them when it comes to NODE. ` + "`as`" + ` is the source that it
leaves with (SNAT, masquerade), and ` + "`to`" + ` the destination (DNAT, publish). UDP and ICMP are
tracked, too. ` + "`answered`" + ` means that packets in the other direction came, and ` + "`established`" + ` is TCP's state.

A node tracks connections once a rule of it needs that: ` + "`nat`, `publish`" + `, or a rule about states (` + "`new`" + `,
…). ` + "`show connections`" + ` prints the table, and ` + "`flush connections`" + ` empties it.`,
		Examples: []verb.Example{
			{Note: "What a router makes of two connections.", Code: `ns pc web r1
link pc 10.0.0.2/24 <-> r1 10.0.0.1/24
link r1 203.0.113.1/24 <-> web 203.0.113.9/24
nat 10.0.0.0/24 on r1
serve tcp <web:80 pc:22>
publish 2222 -> pc:22 on r1
expect tcp pc -> web:80
expect tcp web -> r1:2222
expect connection pc -> web:80 as 203.0.113.1 on r1
expect connection web -> r1:2222 to 10.0.0.2:22 answered on r1
expect not connection pc -> web:80 udp on r1
`},
		},
	})
}

// Check finds options that are given twice.
func (c *connectionProbe) Check() diag.List { return lab.GivenTwice("connection", c.Opts) }

// Names reports nodes that never were.
func (c *connectionProbe) Names(view verb.Lab) diag.List {
	var list diag.List
	for _, o := range c.Opts {
		if o.On != nil {
			list.Add(lab.Unknown(view, o.On.Text, plan.Ref{Node: o.On.Value}))
		}
	}
	for _, e := range c.ends() {
		_, d := lab.TargetOf(view, e.target)
		list.Add(d)
	}
	return list
}

// connectionEnd is an end that the probe names, and where an entry has it.
type connectionEnd struct {
	target syntax.Target
	ports  plan.PortRange
	of     func(plan.Connection) netip.AddrPort
	// addrs are those of the target.
	addrs []netip.Addr
}

func (e connectionEnd) is(c plan.Connection) bool {
	end := e.of(c)
	return slices.Contains(e.addrs, end.Addr()) && e.ports.Has(end.Port())
}

// ends are those that are named.
func (c *connectionProbe) ends() (list []connectionEnd) {
	add := func(to syntax.PublishTo, of func(plan.Connection) netip.AddrPort) {
		list = append(list, connectionEnd{target: to.Target(), ports: plan.PortRange(to.Ports()), of: of})
	}
	if c.From != nil {
		list = append(list, connectionEnd{target: *c.From, of: func(c plan.Connection) netip.AddrPort { return c.From }})
	}
	add(c.To, func(c plan.Connection) netip.AddrPort { return c.To })
	for _, o := range c.Opts {
		switch {
		case o.As != nil:
			add(*o.As, func(c plan.Connection) netip.AddrPort { return c.NewFrom })
		case o.To != nil:
			add(*o.To, func(c plan.Connection) netip.AddrPort { return c.NewTo })
		}
	}
	return list
}

// node is where to look.
func (c *connectionProbe) node() string {
	for _, o := range c.Opts {
		if o.On != nil {
			return o.On.Value
		}
	}
	return plan.Host
}

// Probe looks once.
func (c *connectionProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	node := c.node()
	a := verb.Answer{Subject: "connection -> " + c.To.Value + " on " + node, Definite: true}
	if c.From != nil {
		a.Subject = "connection " + c.From.Value + " -> " + c.To.Value + " on " + node
	}
	if has, err := env.HasNode(node); err != nil || !has {
		a.Seen = lab.NoMore(node)
		return []verb.Answer{a}, err
	}
	ends := c.ends()
	for i, e := range ends {
		t, d := lab.TargetOf(env, e.target)
		if d != nil {
			return nil, diag.List{d}
		}
		addrs, gone, err := t.Addresses(env)
		if gone != "" || err != nil {
			a.Seen = gone
			return []verb.Answer{a}, err
		}
		ends[i].addrs = addrs
	}
	list, err := env.Connections(node)
	c.judge(&a, node, list, ends)
	return []verb.Answer{a}, err
}

// judge finds the connection, or says which there are.
func (c *connectionProbe) judge(a *verb.Answer, node string, list []plan.Connection, ends []connectionEnd) {
	for _, found := range list {
		wrong := slices.ContainsFunc(ends, func(e connectionEnd) bool { return !e.is(found) })
		if !wrong && c.suits(found) {
			a.Holds, a.Seen = true, node+" tracks "+found.String()
			return
		}
	}
	if len(list) == 0 {
		a.Seen = node + " tracks no connection"
		a.Why = "a node tracks connections once one passes, and a rule needs it: nat, publish, or one about states"
		return
	}
	const most = 3
	var others []string
	for _, o := range list[:min(most, len(list))] {
		others = append(others, o.String())
	}
	a.Seen = fmt.Sprintf("%s does not track it; it has %s", node, strings.Join(others, "; "))
	if len(list) > most {
		a.Seen += fmt.Sprintf(" and %d more", len(list)-most)
	}
}

// suits reports whether protocol and state are those that are named.
func (c *connectionProbe) suits(found plan.Connection) bool {
	for _, o := range c.Opts {
		switch {
		case o.Proto != nil && strings.TrimPrefix(found.Proto, "ipv6-") != o.Proto.Value:
			return false
		case o.State == nil:
		case o.State.Value == "answered" && !found.Answered, o.State.Value == "unanswered" && found.Answered,
			o.State.Value == "established" && found.State != "established":
			return false
		}
	}
	return true
}
