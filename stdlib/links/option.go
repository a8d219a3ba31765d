package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// option is the statement option.
type option struct {
	Ifaces []syntax.Endpoint `parser:"'option' ( '<' @@* '>' | @@ )"`
	Opts   []lab.NamedValue  `parser:"@@+"`
}

// Option is the verb option.
func Option() *verb.Verb {
	return verb.Define[option](verb.Spec{
		Name:    "option",
		Also:    []string{"promisc", "txqueuelen", "ageing", "hairpin", "ifoption"},
		Summary: "set options of an interface, a bridge or a port of a bridge",
		Usage: []string{
			"option NODE:IFACE NAME VALUE…",
			"option <NODE:IFACE…> NAME VALUE…",
		},
		Doc: `What ` + "`ip link set IFACE NAME VALUE`" + ` does, with ` + "`type bridge` or `type bridge_slave`" + `
before the name where it is of a bridge or a port.

Of any interface:

- alias: a text for people; txqueuelen: the length of the transmit queue, in packets
- promisc on: take frames for any hardware address; allmulticast on: for any multicast one
- multicast off: without multicast; arp off: resolve no addresses, answer for none

Of a bridge:

- stp on: the spanning tree protocol, with a forward delay of 15 seconds unless one is given
- ageing: how long a hardware address is remembered; with 0s every frame is flooded
- forward-delay, hello, max-age: times of the protocol, in steps of 100ms
- bridge-priority: the bridge with the lowest is the root (32768)
- multicast-snooping off: multicasts leave by all ports, and not only by those whose nodes have
  joined the group; multicast-querier on: the bridge asks which nodes have

Of a port:

- cost, priority: of the path over it
- hairpin on: frames may leave by the port that they came in by
- guard on: the port is disabled when it receives a BPDU; root-block on: it is no root port
- isolated on: no frames pass between it and other isolated ports
- learning, flood, mcast-flood, bcast-flood off: the bridge learns no addresses there;
  it sends no frames for unknown addresses, no multicasts, no broadcasts there

A port that leaves its bridge loses the options of a port.`,
		Examples: []verb.Example{
			{Note: "Customers on one switch that reach the server, and not each other.", Code: "ns a b server\nbridge sw <a b server> 10.0.0.0/24\noption <veth-a-br veth-b-br> isolated on\nexpect ping <a b> -> server\nexpect not ping a -> b\n"},
			{Note: "A hub: a switch that remembers no addresses.", Code: "ns a b\nbridge sw <a b>\noption sw ageing 0s\nexpect link sw ageing 0s\n"},
			{Note: "A switch that asks which of its ports want which multicasts.", Code: "ns a b\nbridge sw <a b>\noption sw multicast-querier on\nexpect link sw multicast-querier on multicast-snooping on\noption sw multicast-snooping off\nexpect link sw multicast-snooping off\n"},
			{Note: "Without ARP, neighbours have to be entered by hand.", Code: "ns red blue\nlink red:eth0 10.0.0.1/24 <-> blue:eth0 10.0.0.2/24\noption <red:eth0 blue:eth0> arp off\nexpect not ping red -> 10.0.0.2\nexpect link red:eth0 arp off\n"},
		},
	})
}

// Check finds names that are given twice, and values that an option does not take.
func (o *option) Check() diag.List { return lab.CheckIfOptions("option", o.Opts) }

// Plan sets them.
func (o *option) Plan(p *verb.Plan) {
	for _, l := range lab.Ifaces(p, o.Ifaces) {
		to := l.IfOptions
		for _, one := range o.Opts {
			if d := one.Of(l); d != nil {
				p.Fail(d)
				return
			}
			one.Put(&to)
		}
		if to.STP != l.STP && to.ForwardDelay == l.ForwardDelay {
			to.ForwardDelay = plan.DefaultOptions(l.Kind, to.STP).ForwardDelay
		}
		o.delay(p, to)
		if !p.Failed() {
			p.Do(p.At, plan.OptionOps(l.Ref(), l.Kind, l.Master != "", l.IfOptions, to)...)
		}
	}
}

// delay refuses a forward delay that the spanning tree protocol does not take
// (br_set_forward_delay, net/bridge/br_stp.c).
func (o *option) delay(p *verb.Plan, to plan.IfOptions) {
	for _, one := range o.Opts {
		if one.Name.Value == "forward-delay" && to.STP && (to.ForwardDelay < plan.MinForwardDelay || to.ForwardDelay > plan.MaxForwardDelay) {
			p.Fail(diag.Errorf(diag.BadDuration, one.Value.Span, "with stp on, the forward delay is %s to %s", plan.MinForwardDelay, plan.MaxForwardDelay))
		}
	}
}
