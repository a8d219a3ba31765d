package show

import (
	"cmp"
	"slices"

	"nsl/runtime/plan"
)

func ruleHead() []string { return []string{"node", "where", "packets", "bytes", "rule"} }

// ruleRows are the policy rules by priority, and then those of the packet
// filter, which decide in the order they stand.
func ruleRows(view plan.View, node string) ([][]string, error) {
	rules, err := view.Rules(node)
	if err != nil {
		return nil, err
	}
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b plan.Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	var rows [][]string
	for _, r := range rules {
		text := r.String()
		if r.V6 && !r.From.IsValid() && !r.To.IsValid() {
			text = "-6 " + text
		}
		rows = append(rows, []string{node, "policy", "-", "-", text})
	}
	filter, err := nftRows(view, node, func(c plan.Chain) bool { return c.Type == "filter" })
	if err != nil {
		return nil, err
	}
	others, err := otherRows(view, node, false)
	return slices.Concat(rows, filter, others), err
}
