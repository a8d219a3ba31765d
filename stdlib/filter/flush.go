package filter

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// flush is the statement flush.
type flush struct {
	What  syntax.Keyword   `parser:"'flush' (?= 'connections') @@"`
	Nodes []syntax.NodeRef `parser:"@@*"`
}

// Flush is the verb flush.
func Flush() *verb.Verb {
	return verb.Define[flush](verb.Spec{
		Name:    "flush",
		Also:    []string{"conntrack"},
		Summary: "make nodes forget the connections that they track (conntrack -F)",
		Usage:   []string{"flush connections [NODE…]"},
		Doc: `A node that has NAT, or a rule about states of connections, remembers each connection
(connection tracking), and looks at the NAT rules for its first packet only. After a change
of rules, packets of a connection that is remembered are still translated as before. This
statement empties the tables of the nodes, or of all, so that the rules decide again.
` + "`show connections`" + ` prints them, and ` + "`expect connection`" + ` tests them. What is forgotten is not undone.`,
		Examples: []verb.Example{
			{Note: "What a router remembers of a ping.", Code: `ns red isp
link host <-> red 10.0.0.0/24
link host <-> isp 203.0.113.0/24
nat 10.0.0.0/24
expect ping red -> isp
expect connection red -> isp as 203.0.113.1
show connections host
flush connections host
expect not connection red -> isp
`},
		},
	})
}

// Names reports nodes that never were.
func (f *flush) Names(view verb.Lab) diag.List {
	var list diag.List
	for _, n := range f.Nodes {
		list.Add(lab.Unknown(view, n.Text, plan.Ref{Node: n.Value}))
	}
	return list
}

// Run empties the tables.
func (f *flush) Run(ctx context.Context, env *verb.Env) error {
	if problems := f.Names(env.Lab); len(problems) > 0 {
		return problems
	}
	var nodes []string
	for _, n := range f.Nodes {
		nodes = append(nodes, n.Value)
	}
	if len(nodes) == 0 {
		all, err := plan.AllNodes(env.Lab)
		if err != nil {
			return err
		}
		nodes = all
	}
	flusher, ok := env.Prober.(plan.ConnectionFlusher)
	if !ok {
		return nil
	}
	return flusher.FlushConnections(ctx, nodes)
}
