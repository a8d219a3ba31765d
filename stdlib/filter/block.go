package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/lab"
)

// block is the statement block.
type block struct {
	Filter filter `parser:"'block' @@"`
}

// allow is the statement allow.
type allow struct {
	Filter filter `parser:"'allow' @@"`
}

// reject is the statement reject.
type reject struct {
	Filter filter `parser:"'reject' @@"`
}

// filter is what the packet filter looks at: who sends to whom, and what.
type filter struct {
	From *syntax.PeerSet `parser:"@@? '->'"`
	To   *syntax.PeerSet `parser:"@@?"`
	Opts []filterOption  `parser:"@@*"`
}

// filterOption is one option of a filter rule.
type filterOption struct {
	Proto *filterProto    `parser:"  @@"`
	State *syntax.Keyword `parser:"| (?= 'new' | 'established' | 'related' | 'invalid') @@"`
	Only  *syntax.Keyword `parser:"| (?= 'forwarded' | 'published') @@"`
	On    *syntax.NodeRef `parser:"| 'on' @@"`
}

// filterProto is a protocol, and ports of it.
type filterProto struct {
	Name syntax.Keyword `parser:"(?= 'tcp' | 'udp' | 'icmp') @@"`
	Port *syntax.Ports  `parser:"@@?"`
}

// Block is the verb block.
func Block() *verb.Verb {
	return verb.Define[block](verb.Spec{
		Name:     "block",
		Spelling: filterSpelling,
		Also:     []string{"drop", "deny", "firewall"},
		Summary:  "drop packets on their way (packet filter)",
		Usage:    []string{"block [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [forwarded|published] [on NODE]"},
		Doc: `A and B are a node, an address, a subnet, or a list of them; left out, they match
any address. The packets are dropped silently; ` + "`reject`" + ` answers. A node means all
addresses that it has when the statement runs, of both families.

**The later statement wins.** ` + "`block`, `allow` and `reject`" + ` each decide from then
on, whatever earlier statements said: after ` + "`block -> blue`" + ` and ` + "`allow red -> blue tcp 80`" + ` only
red gets through, and only to port 80. What no statement matches passes. nsl warns
when a statement overrides an earlier one completely.

**Where a rule acts.** On B, as packets come in; where B is no node, on A, as they go
out. ` + "`on NODE`" + ` names another place: what NODE passes on is filtered there, and what it
receives or sends itself, as far as A and B can be NODE. What a node sends to itself
over lo is never filtered.

**Packets, not connections.** A rule is about packets from A to B, the replies to B's
own requests included: after ` + "`block red -> blue`" + ` blue's pings to red are not answered
either. ` + "`block red -> blue new`" + ` stops only new connections; the states are
those of connection tracking: new, established, related (an ICMP error about a
connection) and invalid.

**Of what passes a router.** ` + "`forwarded`" + ` leaves out what NODE itself receives and sends.
` + "`published`" + ` means only connections whose destination NODE has translated (` + "`publish`" + `), with the
address and the port that they have then. PORT may be a range: 8000-8010.

` + "`icmp`" + ` is ICMP and ICMPv6. Neighbour discovery always passes, as ARP does: its rule is
first in each chain. ` + "`del block …`" + ` with the same words removes a rule, and ` + "`show nat`" + `
shows how many packets each one matched.`,
		Examples: blockExamples(),
	})
}

func blockExamples() []verb.Example {
	return []verb.Example{
		{Note: "Only red reaches blue.", Code: `ns red blue green
bridge v-net-0 <red blue green>
block -> blue
expect not ping <red green> -> blue
allow red -> blue
expect ping red -> blue
expect not ping green -> blue
`},
		{Note: "Only web pages.", Code: `ns red blue
link red <-> blue
serve http <blue:80 blue:81>
block -> blue
allow -> blue tcp 80
expect http red -> http://blue/
expect not tcp red -> blue:81
expect not ping red -> blue
`},
		{Note: "On a router: red may answer, but not open connections.", Code: `ns red r1 blue
link red <-> r1
link r1 <-> blue
forward r1
route red default via 192.168.15.2
route blue default via 192.168.16.1
block red -> blue new on r1
expect not ping red -> blue
expect ping blue -> red
`},
		{Note: "The server is reached by its published port only.", Code: `ns pc web
link host <-> pc 10.0.1.0/24
link host <-> web 10.0.2.0/24
route pc default via 10.0.1.1
serve http web:80
publish 8080 -> web:80
block -> web forwarded on host
allow -> web published on host
expect http pc -> http://10.0.1.1:8080/
expect not tcp pc -> web:80
`},
	}
}

// Allow is the verb allow.
func Allow() *verb.Verb {
	return verb.Define[allow](verb.Spec{
		Name:     "allow",
		Spelling: filterSpelling,
		Summary:  "let packets through that an earlier block or reject stops",
		Usage:    []string{"allow [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [forwarded|published] [on NODE]"},
		Doc:      "The words, and where a rule acts, are those of `block`; the later statement wins.",
		Examples: []verb.Example{
			{Note: "blue reaches others; no node reaches blue.", Code: `ns red blue
link red <-> blue
block -> blue
allow -> blue established related
expect ping blue -> red
expect not ping red -> blue
`},
		},
	})
}

// Reject is the verb reject.
func Reject() *verb.Verb {
	return verb.Define[reject](verb.Spec{
		Name:     "reject",
		Spelling: filterSpelling,
		Summary:  "refuse packets on their way, with an error to the sender",
		Usage:    []string{"reject [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [forwarded|published] [on NODE]"},
		Doc: `As ` + "`block`" + `, but the sender gets an answer at once: a reset for TCP, and for
everything else an ICMP error, "administratively prohibited".`,
		Examples: []verb.Example{
			{Note: "A refusal comes at once, and says which node refuses.", Code: `ns red blue
link red <-> blue
reject red -> blue
expect not ping red -> blue
del reject red -> blue
expect ping red -> blue
`},
		},
	})
}

// Check finds parts that are given twice or do not fit.
func (b *block) Check() diag.List { return b.Filter.problems("block") }

// Check finds parts that are given twice or do not fit.
func (a *allow) Check() diag.List { return a.Filter.problems("allow") }

// Check finds parts that are given twice or do not fit.
func (r *reject) Check() diag.List { return r.Filter.problems("reject") }

// Plan adds the rules.
func (b *block) Plan(p *verb.Plan) { b.Filter.plan(p, "block") }

// Plan adds the rules.
func (a *allow) Plan(p *verb.Plan) { a.Filter.plan(p, "allow") }

// Plan adds the rules.
func (r *reject) Plan(p *verb.Plan) { r.Filter.plan(p, "reject") }

func (f *filter) problems(verbName string) diag.List {
	list := lab.GivenTwice(verbName, f.Opts)
	for _, o := range f.Opts {
		if o.Proto != nil && o.Proto.Port != nil && o.Proto.Name.Value == "icmp" {
			list.Add(diag.Errorf(diag.OptionClash, o.Proto.Port.Span, "icmp has no ports").
				WithHelp("leave %s out, or write tcp or udp", o.Proto.Port.Value))
		}
	}
	return list
}

// Word is the option's name.
func (o filterOption) Word() (string, syntax.Text) {
	switch {
	case o.Proto != nil:
		return "the protocol", o.Proto.Name.Text
	case o.State != nil:
		return o.State.Value, o.State.Text
	case o.Only != nil:
		return "what is filtered", o.Only.Text
	}
	return "on", o.On.Text
}
