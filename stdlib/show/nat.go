package show

import (
	"strconv"

	"nsl/runtime/plan"
)

func natHead() []string { return []string{"node", "chain", "packets", "bytes", "rule"} }

func natRows(view plan.View, node string) ([][]string, error) {
	rows, err := nftRows(view, node, func(plan.Chain) bool { return true })
	if err != nil {
		return nil, err
	}
	others, err := otherRows(view, node, true)
	return append(rows, others...), err
}

// nftRows are the rules of the chains that are wanted. They keep their order:
// the first that matches decides.
func nftRows(view plan.View, node string, wanted func(plan.Chain) bool) ([][]string, error) {
	table, err := view.CountedNft(node)
	var rows [][]string
	for i, r := range table.Rules() {
		if !wanted(r.Chain) {
			continue
		}
		packets, bytes := "-", "-"
		if r.Counter {
			packets, bytes = strconv.FormatUint(table.Counts[i].Packets, 10), strconv.FormatUint(table.Counts[i].Bytes, 10)
		}
		r.Counter = false // its numbers stand beside it
		rows = append(rows, []string{node, r.Chain.Name, packets, bytes, r.String()})
	}
	return rows, err
}
