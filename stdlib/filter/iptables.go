package filter

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/xtables"
)

// iptables is the statement iptables.
type iptables struct {
	Node  syntax.NodeRef `parser:"'iptables' @@"`
	Words syntax.Rest    `parser:"@@"`
}

// ip6tables is the statement ip6tables.
type ip6tables struct {
	Node  syntax.NodeRef `parser:"'ip6tables' @@"`
	Words syntax.Rest    `parser:"@@"`
}

// Iptables is the verb iptables.
func Iptables() *verb.Verb {
	return verb.Define[iptables](verb.Spec{
		Name:    "iptables",
		Role:    verb.RoleProgram,
		Summary: "change the packet filter of a node as iptables does",
		Usage:   []string{"iptables NODE [-t TABLE] -A|-I|-D|-R|-C|-N|-X|-F|-P|-Z CHAIN …"},
		Doc: `The words after the node are those of the program iptables(8), which need not be
installed; without a node the line is the command of the host: ` + "`iptables -A INPUT -j DROP`" + `.
The rules are in the tables in which the program of nftables has them, so that
` + "`iptables -S`, `show rules`" + ` and ` + "`show nat`" + ` have them, and those that ` + "`iptables`" + ` has made
can be deleted by this statement.

Tables: filter, nat, mangle, raw, security. Matches: addrtype, comment, connlimit, connmark,
conntrack, dscp, hashlimit, helper, icmp, iprange, length, limit, mac, mark, multiport, owner,
physdev, pkttype, quota, recent, rpfilter, state, statistic, string, tcp, time, ttl, udp.
Targets: ACCEPT, DROP, REJECT, RETURN, LOG, MASQUERADE, SNAT, DNAT, REDIRECT, NETMAP, MARK,
CONNMARK, CLASSIFY, TCPMSS, TTL, HL, TOS, DSCP, CT, NOTRACK, and chains. For others there is the program:
` + "`exec NODE iptables …`" + `.`,
		Examples: []verb.Example{
			{Note: "A firewall that lets answers in.", Code: "ns red\niptables red -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables red -P INPUT DROP\n"},
			{Note: "What leaves is translated.", Code: "ns router\niptables router -t nat -A POSTROUTING -s 10.0.0.0/24 -j MASQUERADE\n"},
		},
	})
}

// Ip6tables is the verb ip6tables.
func Ip6tables() *verb.Verb {
	return verb.Define[ip6tables](verb.Spec{
		Name:    "ip6tables",
		Role:    verb.RoleProgram,
		Summary: "change the IPv6 packet filter of a node as ip6tables does",
		Usage:   []string{"ip6tables NODE [-t TABLE] -A|-I|-D|-R|-C|-N|-X|-F|-P|-Z CHAIN …"},
		Doc:     "It is `iptables` for IPv6.",
		Examples: []verb.Example{
			{Note: "No packet from a prefix comes in.", Code: "ns red\nip6tables red -A INPUT -s 2001:db8::/32 -j DROP\n"},
		},
	})
}

// Check finds what only the program itself knows.
func (i *iptables) Check() diag.List { return xtCommand{"iptables", false, i.Node, i.Words}.problems() }

// Check finds what only the program itself knows.
func (i *ip6tables) Check() diag.List {
	return xtCommand{"ip6tables", true, i.Node, i.Words}.problems()
}

// Plan edits the table.
func (i *iptables) Plan(p *verb.Plan) { xtCommand{"iptables", false, i.Node, i.Words}.plan(p) }

// Plan edits the table.
func (i *ip6tables) Plan(p *verb.Plan) { xtCommand{"ip6tables", true, i.Node, i.Words}.plan(p) }

// xtCommand is a command of one of the two programs.
type xtCommand struct {
	program string
	six     bool
	node    syntax.NodeRef
	words   syntax.Rest
}

func (c xtCommand) parse() (xtables.Command, error) {
	return xtables.Parse(c.six, c.words.Argv())
}

func (c xtCommand) problems() diag.List {
	for _, w := range c.words.Words {
		if w.Dynamic {
			return nil
		}
	}
	if _, err := c.parse(); err != nil {
		return diag.List{leftToProgram(c.program, c.node, c.words)}
	}
	return nil
}

// leftToProgram is the finding that only the program itself knows the words of a command.
func leftToProgram(program string, node syntax.NodeRef, words syntax.Rest) *diag.Diagnostic {
	at := words.Words[0].Span
	at.End = words.Words[len(words.Words)-1].Span.End
	return diag.Errorf(diag.WrongCommand, at, "%s: options that nsl does not know", program).
		WithHelp("the program itself may know them: exec %s %s %s", node.Value, program, strings.Join(words.Argv(), " "))
}

func (c xtCommand) plan(p *verb.Plan) {
	node, ok := p.Node(c.node)
	if !ok {
		return
	}
	command, err := c.parse()
	if err != nil {
		p.Fail(c.problems()...)
		return
	}
	tables := verb.Ask(p, c.node.Span, p.Tables, node)
	if p.Failed() {
		return
	}
	was, is, err := command.Edit(tables)
	switch {
	case err != nil && p.Uncertain():
	case err != nil:
		p.Fail(diag.Errorf(diag.WrongCommand, p.At, "%s: %v", c.program, err))
	case was != is && !command.Checks():
		argv := append([]string{c.program}, c.words.Argv()...)
		p.Do(p.At, plan.SetItem{Node: node, Was: was, Is: is, Argv: strings.Join(argv, "\x00")})
	}
}
