package stdlib

import (
	"strconv"

	"nsl/lang/verb"
)

func natHead() []string { return []string{"node", "chain", "packets", "bytes", "rule"} }

// natRows keep the order of the rules: the first that matches decides.
func natRows(lab verb.View, node string) ([][]string, error) {
	table, err := lab.Nft(node)
	var rows [][]string
	for i, r := range table.Rules {
		packets, bytes := "-", "-"
		if r.Counter {
			packets, bytes = strconv.FormatUint(table.Counts[i].Packets, 10), strconv.FormatUint(table.Counts[i].Bytes, 10)
		}
		r.Counter = false // its numbers stand beside it
		rows = append(rows, []string{node, r.Chain.Name, packets, bytes, r.String()})
	}
	return rows, err
}
