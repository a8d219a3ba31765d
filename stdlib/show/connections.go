package show

import (
	"cmp"

	"nsl/runtime/plan"
)

func connectionHead() []string {
	return []string{"node", "proto", "state", "from", "to", "translated"}
}

// connectionRows are the connections that a node tracks.
func connectionRows(view plan.View, node string) ([][]string, error) {
	list, err := view.Connections(node)
	return rowsOf(list, func(c plan.Connection) []string {
		return []string{node, c.Proto, c.State, plan.EndText(c.From), plan.EndText(c.To), cmp.Or(c.Translation(), "-")}
	}), err
}
