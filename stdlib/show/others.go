package show

import (
	"slices"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// otherRows are the rules of a node that are not in the lab's table: of iptables(8),
// nft(8) and other programs. nat: those of chains that translate, or all others.
func otherRows(view plan.View, node string, nat bool) ([][]string, error) {
	all, err := view.Ruleset(node)
	var rows [][]string
	for i := range all.Tables {
		t := &all.Tables[i]
		if t.Program == plan.NftProgram && t.Family == "inet" && t.Name == plan.NftTable {
			continue
		}
		for j := range t.Chains {
			if translates(t, &t.Chains[j]) == nat {
				rows = append(rows, chainRows(node, t, &t.Chains[j])...)
			}
		}
	}
	return rows, err
}

// translates reports a chain of type nat, or one that such a chain may jump to.
func translates(t *plan.FilterTable, c *plan.FilterChain) bool {
	if c.Type != "" {
		return c.Type == "nat"
	}
	return t.Name == "nat" || slices.ContainsFunc(t.Chains, func(c plan.FilterChain) bool { return c.Type == "nat" })
}

func chainRows(node string, t *plan.FilterTable, c *plan.FilterChain) [][]string {
	where := t.Family + " " + t.Name + " " + c.Name
	if t.Program != plan.NftProgram {
		where = t.Program + " " + t.Name + " " + c.Name
	}
	var rows [][]string
	row := func(place int) {
		rows = append(rows, []string{node, where, "-", "-", ruleset.Rule{Table: t, Chain: c, Place: place}.Text()})
	}
	for i := range c.Rules {
		row(i + 1)
	}
	if c.Drops {
		row(0)
	}
	return rows
}
