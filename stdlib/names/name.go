package names

import (
	"regexp"
	"slices"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// name is the statement name.
type name struct {
	Node  syntax.NodeRef `parser:"'name' @@"`
	Names []syntax.Free  `parser:"(@@ | '<' @@* '>')+"`
}

// Name is the verb name.
func Name() *verb.Verb {
	return verb.Define[name](verb.Spec{
		Name:    "name",
		Summary: "give a node more names, which every node knows",
		Usage:   []string{"name NODE NAME…"},
		Doc: `Every node has an ` + "`/etc/hosts`" + ` of its own with the names of all nodes,
each with the address that this node uses for it: one on a segment and in a subnet that
the two share, else the first. A node whose only address this node has itself is left out.
This statement adds names to a node's line, everywhere.

Programs that ` + "`exec`" + ` and ` + "`spawn`" + ` start see that file, and ` + "`/etc/hosts`" + ` comes before name servers;
nsl's own probes look there as well. The machine's file is not changed.`,
		Examples: []verb.Example{
			{Note: "A web site with a name.", Code: "ns red blue\nlink red <-> blue\nname blue www.lab www\nserve http blue\nexpect http red -> http://www.lab/\nexpect exec red getent hosts www prints \"192.168.15.2\"\n"},
		},
	})
}

// Plan adds the names that the node does not have.
func (n *name) Plan(p *verb.Plan) {
	node, ok := p.Node(n.Node)
	if !ok {
		return
	}
	have := verb.Ask(p, n.Node.Span, p.Names, node)
	for _, word := range n.Names {
		d := nameHasOwner(p, word, node)
		p.Fail(d)
		if d == nil && !slices.Contains(have, word.Value) && word.Value != node {
			have = append(slices.Clone(have), word.Value)
			p.Do(word.Span, plan.AddName{Node: node, Name: word.Value})
		}
	}
}

// hostLabels is the form of a host's name (RFC 1123, section 2.1), and the _ that
// many use all the same.
var hostLabels = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)
})

// Check finds words that can be no names of hosts.
func (n *name) Check() diag.List {
	var list diag.List
	for _, w := range n.Names {
		switch {
		case w.Dynamic:
		case syntax.AddressLike(w.Value):
			list.Add(diag.Errorf(diag.BadName, w.Span, "%s is an address, not a name", w.Value).WithHelp("write a name, as www.lab"))
		case len(w.Value) > 253 || !hostLabels().MatchString(w.Value):
			list.Add(diag.Errorf(diag.BadName, w.Span, "%q cannot be the name of a host", w.Value).
				WithHelp("a name is made of letters, digits and - in parts with dots between, as www.lab"))
		}
	}
	return list
}

// nameHasOwner reports a name that is another node's.
func nameHasOwner(p *verb.Plan, word syntax.Free, node string) *diag.Diagnostic {
	nodes, err := plan.AllNodes(p)
	p.Err(word.Span, err)
	for _, other := range nodes {
		names := verb.Ask(p, word.Span, p.Names, other)
		if other != node && (other == word.Value || slices.Contains(names, word.Value)) {
			return diag.Errorf(diag.NameTaken, word.Span, "%s is already a name of %s", word.Value, other).
				WithHelp("a name belongs to one node: choose another")
		}
	}
	return nil
}
