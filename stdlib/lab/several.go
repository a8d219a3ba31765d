package lab

import (
	"slices"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Named are the nodes that words name, each once, in their order; a name that no node
// has is reported.
func Named(p *verb.Plan, words []syntax.NodeRef) []string {
	var list []string
	for _, word := range words {
		if node, ok := p.Node(word); ok && !slices.Contains(list, node) {
			list = append(list, node)
		}
	}
	return list
}

// Ifaces are the interfaces that words name, each once, in their order; those that are
// not there are reported.
func Ifaces(p *verb.Plan, words []syntax.Endpoint) []plan.Link {
	var list []plan.Link
	for _, word := range words {
		l, ok := p.Iface(word)
		if ok && !slices.ContainsFunc(list, func(o plan.Link) bool { return o.Ref() == l.Ref() }) {
			list = append(list, l)
		}
	}
	return list
}
