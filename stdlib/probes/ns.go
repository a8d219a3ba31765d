package probes

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// nsProbe is the probe ns.
type nsProbe struct {
	Name syntax.NodeRef `parser:"'ns' @@"`
	once
}

// once is the patience of a probe that looks at the state: it does not wait.
type once struct{}

// Patience is none: the state is as it is.
func (once) Patience(bool) time.Duration { return 0 }

// NS is the probe ns.
func NS() *verb.Verb {
	return verb.Define[nsProbe](verb.Spec{
		Name:    "ns",
		Summary: "a node is there",
		Usage:   []string{"ns NAME"},
		Doc:     "NAME is a network namespace of the lab, whoever made it.",
		Examples: []verb.Example{
			{Note: "There, and gone.", Code: "ns red\nexpect ns red\ndelete red\nexpect not ns red\n"},
		},
	})
}

// Names reports a node that never was.
func (n *nsProbe) Names(view verb.Lab) diag.List {
	return neverWas(view, n.Name.Text, plan.Ref{Node: n.Name.Value})
}

// neverWas reports a node, or an interface, that is not there and never was.
func neverWas(view verb.Lab, t syntax.Text, r plan.Ref) diag.List {
	var list diag.List
	list.Add(lab.Unknown(view, t, r))
	return list
}

// Probe looks once.
func (n *nsProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	has, err := env.HasNode(n.Name.Value)
	if err != nil {
		return nil, err
	}
	a := verb.Answer{Subject: "ns " + n.Name.Value, Holds: has, Definite: true, Seen: n.Name.Value + " is there"}
	if !has {
		a.Seen = lab.NoMore(n.Name.Value)
		a.Fix = "make it again: ns " + n.Name.Value
	}
	return []verb.Answer{a}, nil
}
