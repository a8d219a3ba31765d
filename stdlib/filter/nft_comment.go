package filter

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// ruleComment is a statement as the comment of its rules. It names them: one
// that is too long is cut, and keeps a sum of the whole.
func ruleComment(text string) string {
	if len(text) <= lab.MaxComment {
		return text
	}
	sum := fmt.Sprintf("… %08x", crc32.ChecksumIEEE([]byte(text)))
	return strings.ToValidUTF8(text[:lab.MaxComment-len(sum)], "") + sum
}

// statementsOf are the statements of a verb whose rules a table holds.
func statementsOf(state plan.NftState, verbName string) []string {
	var list []string
	for _, r := range state.All() {
		if strings.HasPrefix(r.Comment, verbName+" ") && !slices.Contains(list, r.Comment) {
			list = append(list, r.Comment)
		}
	}
	return list
}
