package filter

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/nftables"
	"nsl/runtime/plan"
)

// nft is the statement nft.
type nft struct {
	Node  syntax.NodeRef `parser:"'nft' @@"`
	Words syntax.Rest    `parser:"@@"`
}

// Nft is the verb nft.
func Nft() *verb.Verb {
	return verb.Define[nft](verb.Spec{
		Name:    "nft",
		Role:    verb.RoleProgram,
		Summary: "change the packet filter of a node as nft does",
		Usage:   []string{"nft NODE add|insert|delete|flush table|chain|rule|set|map|element …"},
		Doc: `The words after the node are those of the program nft(8), which need not be installed; without
a node the line is the command of the host: ` + "`nft add table inet filter`" + `. Words with braces are
in quotation marks. ` + "`nft -f - <<EOF`" + ` with the tables as ` + "`nft list ruleset`" + ` prints them is a line of
another program: it becomes one such statement for each chain and rule.

Families: ip, ip6, inet. Matches: iifname, oifname, ip and ip6 saddr, daddr, protocol, nexthdr
and ttl, tcp and udp sport, dport and flags, th, icmp and icmpv6 type, ct state and mark, meta mark,
l4proto, nfproto, pkttype, skuid and skgid, with sets, ranges, prefixes and vmap. Statements: counter, limit
rate, log, accept, drop, return, jump, goto, reject, masquerade, snat, dnat, redirect, mark set,
comment. For others there is the program: ` + "`exec NODE nft …`" + `.`,
		Examples: []verb.Example{
			{Note: "A firewall that lets answers in.", Code: `ns red
nft red add table inet filter
nft red add chain inet filter input "{ type filter hook input priority 0; policy drop; }"
nft red add rule inet filter input ct state established,related accept
nft red add rule inet filter input tcp dport "{ 22, 80 }" accept
`},
			{Note: "What leaves is translated.", Code: `ns router
nft router add table ip nat
nft router add chain ip nat post "{ type nat hook postrouting priority 100; }"
nft router add rule ip nat post ip saddr 10.0.0.0/24 masquerade
`},
		},
	})
}

// parse reads the one command that the words are.
func (n *nft) parse() (nftables.Command, error) {
	list, err := nftables.Parse(strings.Join(n.Words.Argv(), " "))
	if err == nil && len(list) != 1 {
		err = nftables.ErrUnsupported
	}
	if err != nil {
		return nftables.Command{}, err
	}
	return list[0], nil
}

// Check finds what only the program itself knows.
func (n *nft) Check() diag.List {
	for _, w := range n.Words.Words {
		if w.Dynamic {
			return nil
		}
	}
	if _, err := n.parse(); err != nil {
		return diag.List{leftToProgram("nft", n.Node, n.Words)}
	}
	return nil
}

// Plan edits the tables.
func (n *nft) Plan(p *verb.Plan) {
	node, ok := p.Node(n.Node)
	if !ok {
		return
	}
	command, err := n.parse()
	if err != nil {
		p.Fail(leftToProgram("nft", n.Node, n.Words))
		return
	}
	tables := verb.Ask(p, n.Node.Span, p.Tables, node)
	if p.Failed() {
		return
	}
	changes, err := command.Edit(tables)
	if err != nil && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.WrongCommand, p.At, "nft: %v", err))
		return
	}
	argv := "nft\x00" + strings.Join(command.Words(), "\x00")
	for _, c := range changes {
		p.Do(p.At, plan.SetItem{Node: node, Was: c.Was, Is: c.Is, Argv: argv})
		argv = ""
	}
}
