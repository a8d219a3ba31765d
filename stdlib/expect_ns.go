package stdlib

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// ExpectNS is the probe ns.
type ExpectNS struct {
	Name syntax.NodeRef `parser:"'ns' @@"`
	once
}

// once is the patience of a probe that looks at the state: it does not wait.
type once struct{}

// Patience is none: the state is as it is.
func (once) Patience(bool) time.Duration { return 0 }

func nsProbe() *verb.Verb {
	return verb.Define[ExpectNS](verb.Spec{
		Name:    "ns",
		Group:   verb.Probing,
		Summary: "a node is there",
		Usage:   []string{"ns NAME"},
		Doc:     "NAME is a network namespace of the lab, whoever made it.",
		Examples: []verb.Example{
			{Note: "There, and gone.", Code: "ns red\nexpect ns red\ndelete red\nexpect not ns red\n"},
		},
	})
}

// Names reports a node that never was.
func (n *ExpectNS) Names(lab verb.Lab) diag.List {
	return neverMade(lab, n.Name.Text, n.Name.Value, "")
}

// neverMade reports a node, or an interface, that is not there and never was.
func neverMade(lab verb.Lab, t syntax.Text, node, link string) diag.List {
	if t.Dynamic {
		return nil
	}
	var list diag.List
	list.Add(unknownEver(lab, t, plan.Ref{Node: node, Link: link}))
	return list
}

// Probe looks once.
func (n *ExpectNS) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	if err := n.Names(env).Err(); err != nil {
		return nil, err
	}
	has, err := env.HasNode(n.Name.Value)
	if err != nil {
		return nil, err
	}
	a := verb.Answer{Subject: "ns " + n.Name.Value, Holds: has, Definite: true, Seen: n.Name.Value + " is there"}
	if !has {
		a.Seen = noMore(n.Name.Value)
		a.Mend = "make it again: ns " + n.Name.Value
	}
	return []verb.Answer{a}, nil
}

// noMore says that something is gone.
func noMore(what string) string { return "there is no " + what + " any more" }
