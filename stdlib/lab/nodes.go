package lab

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Nodes are the nodes that a set names. A name that was never made is an error.
func Nodes(view verb.Lab, s syntax.NodeSet) ([]string, error) {
	if s.All != nil {
		return view.Nodes()
	}
	var names []string
	for _, ref := range s.Refs() {
		if d := Unknown(view, ref.Text, plan.Ref{Node: ref.Value}); d != nil {
			return nil, diag.List{d}
		}
		names = append(names, ref.Value)
	}
	return names, nil
}

// Unknown reports a name that is not there and never was.
func Unknown(view verb.Lab, t syntax.Text, r plan.Ref) *diag.Diagnostic {
	switch {
	case t.Dynamic || view.MayExist(r) || view.Known(r):
		return nil
	case r.Link == "":
		t.Value = r.Node
		return verb.UnknownNode(view, t)
	case !view.Known(plan.Ref{Node: r.Node}):
		t.Value = r.Node
		return verb.UnknownNode(view, t)
	}
	return verb.UnknownLink(view, t.Span, r)
}

// UnknownIn collects what is unknown in a set of nodes and a set of targets.
func UnknownIn(view verb.Lab, from syntax.NodeSet, to syntax.TargetSet) diag.List {
	var list diag.List
	for _, ref := range from.Refs() {
		list.Add(Unknown(view, ref.Text, plan.Ref{Node: ref.Value}))
	}
	for _, word := range to.Targets() {
		_, d := TargetOf(view, word)
		list.Add(d)
	}
	return list
}

// NoMore says that something is gone.
func NoMore(what string) string { return "there is no " + what + " any more" }

// AddNode plans a new node with its loopback up; a name that is taken is reported.
func AddNode(p *verb.Plan, name syntax.NewName) {
	has := verb.Ask(p, name.Span, p.HasNode, name.Value)
	if has || !p.NewNode(name.Value) {
		p.Fail(diag.NodeTaken(diag.NameTaken, name.Span, name.Value).
			WithHelp("choose another name, or delete the old one first: delete %s", name.Value))
		return
	}
	p.Do(name.Span, plan.NewNode(name.Value)...)
}
