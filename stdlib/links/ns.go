package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/lab"
)

// ns is the statement ns.
type ns struct {
	Names []syntax.NewName `parser:"'ns' (@@ | '<' @@* '>')+"`
}

// NS is the verb ns.
func NS() *verb.Verb {
	return verb.Define[ns](verb.Spec{
		Name:    "ns",
		Also:    []string{"node", "nodes", "namespace", "netns", "host", "hosts", "vm", "container"},
		Summary: "make nodes: network namespaces with their loopback up",
		Usage:   []string{"ns NAME…"},
		Doc: `A node is a network namespace: interfaces, addresses, routes, firewall rules
and sockets of its own. A new one can reach nothing but itself, until a
` + "`link` or a `bridge`" + ` connects it.

Every node starts with the same kernel settings, whatever the machine's own
are: no forwarding, no reverse-path filter, no rate limit on ICMP errors.

The node ` + "`host`" + ` is there from the start: it is the lab's own root namespace.`,
		Examples: []verb.Example{
			{Note: "Two nodes that cannot reach each other.", Code: "ns red blue\nexpect not ping red -> blue\n"},
		},
	})
}

// Check finds English between names.
func (n *ns) Check() diag.List {
	if len(n.Names) > 1 && slices.Contains([]string{"add", "create", "new"}, n.Names[0].Value) {
		return diag.List{diag.UnexpectedWord(n.Names[0].Span, "ns", n.Names[0].Value).WithHelp("names alone follow: ns %s", n.Names[1].Value)}
	}
	for i, name := range n.Names {
		if i > 0 && i < len(n.Names)-1 && (name.Value == "and" || name.Value == "&") {
			return diag.List{diag.UnexpectedWord(name.Span, "ns", name.Value).WithHelp("names are parted by blanks: ns %s %s", n.Names[i-1].Value, n.Names[i+1].Value)}
		}
	}
	return nil
}

// Plan makes the namespaces.
func (n *ns) Plan(p *verb.Plan) {
	for _, name := range n.Names {
		lab.AddNode(p, name)
	}
}
