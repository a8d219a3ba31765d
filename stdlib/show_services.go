package stdlib

import (
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// serviceRows are what nsl started in a node and did not stop.
func serviceRows(lab verb.View, node string) ([][]string, error) {
	running, err := lab.Services(node)
	var rows [][]string
	for _, r := range running {
		rows = append(rows, []string{node, r.ID, r.Service.String(), serviceState(r)})
	}
	return rows, err
}

func serviceState(r plan.Running) string {
	if r.Ended != "" {
		return r.Ended
	}
	return "runs"
}
