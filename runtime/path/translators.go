package path

import (
	"slices"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// Translators are the rules of a node that change the destinations of what comes in or, with
// source, the sources of what it sends out, in their order, with those before them that keep
// packets from them.
func Translators(v plan.View, node string, source bool) []RuleName {
	s := Of(v)
	name := plan.Prerouting.Hook
	if source {
		name = plan.Postrouting.Hook
	}
	var list []RuleName
	for _, c := range s.chains(node, hook{family: "ip", name: name}, false) {
		if c.Chain.Type == "nat" {
			list = append(list, s.translatorsOf(node, c, 0)...)
		}
	}
	return list
}

// translatorsOf are those of a chain and of the chains that it jumps to; the rules that come
// after the last one are left out.
func (s *Snapshot) translatorsOf(node string, c ruleset.Rule, depth int) (list []RuleName) {
	last := 0
	for i, r := range c.Chain.Rules {
		for _, e := range r.Exprs {
			v, ends := e.(plan.Verdict)
			switch {
			case changesAddress(e):
				list = append(list, s.nameAt(node, c, i+1))
				last = len(list)
			case ends && (v.Kind == "accept" || v.Kind == "return"):
				list = append(list, s.nameAt(node, c, i+1))
			case ends:
				list = append(list, s.translatorsIn(node, c, v.Chain, depth)...)
				last = len(list)
			}
		}
	}
	return list[:last]
}

// translatorsIn are those of a chain that a rule of another one jumps to.
func (s *Snapshot) translatorsIn(node string, from ruleset.Rule, chain string, depth int) []RuleName {
	const deep = 8
	for n := range from.Table.Chains {
		if to := &from.Table.Chains[n]; chain != "" && to.Name == chain && depth < deep {
			return s.translatorsOf(node, ruleset.Rule{Table: from.Table, Chain: to}, depth+1)
		}
	}
	return nil
}

func (s *Snapshot) nameAt(node string, c ruleset.Rule, place int) RuleName {
	c.Place = place
	_, by := s.nameOf(node, c)
	return by
}

// changesAddress reports whether an expression translates.
func changesAddress(e plan.FilterExpr) bool {
	if t, ok := e.(plan.XtTarget); ok {
		return slices.Contains([]string{"MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP"}, t.Name)
	}
	_, ok := e.(plan.Translate)
	return ok
}
