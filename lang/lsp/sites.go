package lsp

import (
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// site is a place in the text that names a node or an interface.
type site struct {
	node, link string
	at         source.Span
	// makes: the statement there makes it.
	makes bool
	// computed: the text there is not the name, but a word whose value is.
	computed bool
}

func (s site) same(o site) bool { return s.node == o.node && s.link == o.link }

// symbol is how a script writes what the site names.
func (s site) symbol() string { return plan.Place(s.node, s.link) }

// sitesOf are the names in a statement: its words that name nodes and interfaces.
func (a *analysis) sitesOf(s check.Step) []site {
	if s.Statement.Statement == nil {
		return nil
	}
	var list []site
	nodes, links := madeBy(s.Ops)
	verb.Leaves(s.Statement.Node, func(l syntax.Leaf, t syntax.Text) {
		for _, w := range a.names(s.Lab, l, t) {
			w.makes = w.link == "" && slices.Contains(nodes, w.node) ||
				w.link != "" && slices.Contains(links, plan.Ref{Node: w.node, Link: w.link})
			list = append(list, w)
		}
	})
	return list
}

// madeBy are the nodes and interfaces that ops make.
func madeBy(steps []plan.Step) (nodes []string, links []plan.Ref) {
	for _, step := range steps {
		e := step.Op.Effect()
		nodes = append(nodes, e.Nodes...)
		for _, l := range e.Links {
			links = append(links, plan.Ref{Node: l.Node, Link: l.Name})
		}
		if e.To != (plan.Ref{}) {
			links = append(links, e.To)
		}
	}
	return nodes, links
}

// names are the node and the interface that a word names, by what may come in its place.
func (a *analysis) names(lab verb.Lab, l syntax.Leaf, t syntax.Text) []site {
	if _, isNew := l.(*syntax.NewName); isNew {
		return a.site(t, 0, t.Value, "")
	}
	if _, isNew := l.(syntax.NewName); isNew {
		return a.site(t, 0, t.Value, "")
	}
	var list []site
	for _, c := range l.Completes() {
		switch c {
		case syntax.Nodes, syntax.Endpoints, syntax.Bridges, syntax.Services:
			list = append(list, a.endpoint(lab, t)...)
		case syntax.URLs:
			list = append(list, a.host(lab, t)...)
		}
	}
	return list
}

// endpoint is node, node:interface, node:port, or an interface of the host.
func (a *analysis) endpoint(lab verb.Lab, t syntax.Text) []site {
	node, link, ok := strings.Cut(t.Value, ":")
	is, _ := lab.HasNode(node) // the model knows
	if !ok && !is {
		if _, err := lab.Link(plan.Host, node); err == nil {
			return a.site(t, 0, plan.Host, node)
		}
	}
	list := a.site(t, 0, node, "")
	if ok && link != "" {
		list = append(list, a.site(t, len(node)+1, node, link)...)
	}
	return list
}

// host is the node in a URL.
func (a *analysis) host(lab verb.Lab, t syntax.Text) []site {
	_, rest, ok := strings.Cut(t.Value, "://")
	if !ok {
		return nil
	}
	name := rest
	if i := strings.IndexAny(rest, ":/"); i >= 0 {
		name = rest[:i]
	}
	if is, _ := lab.HasNode(name); !is {
		return nil
	}
	return a.site(t, len(t.Value)-len(rest), name, "")
}

// site is the part of a word, from an offset on, that names something.
func (a *analysis) site(t syntax.Text, from int, node, link string) []site {
	name := node
	if link != "" {
		name = link
	}
	if a.set.Text(t.Span) != t.Value || from+len(name) > len(t.Value) {
		return []site{{node: node, link: link, at: t.Span, computed: true}}
	}
	at := source.Span{Start: t.Span.Start + from, End: t.Span.Start + from + len(name)}
	return []site{{node: node, link: link, at: at}}
}
