package show

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// serviceRows are what nsl started in a node and did not stop.
func serviceRows(view plan.View, node string) ([][]string, error) {
	running, err := view.Services(node)
	var rows [][]string
	for _, r := range running {
		rows = append(rows, []string{node, r.ID, r.Service.String(), serviceState(r)})
	}
	return rows, err
}

// listenRows are the ports on which somebody waits.
func listenRows(view plan.View, node string) ([][]string, error) {
	sockets, err := view.Sockets(node)
	slices.SortStableFunc(sockets, func(a, b plan.Socket) int {
		return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Local.Port(), b.Local.Port()), a.Local.Addr().Compare(b.Local.Addr()))
	})
	var rows [][]string
	for _, s := range sockets {
		program := lab.Holder(s)
		if strings.HasPrefix(s.Program, lab.OwnProgram) {
			program = s.Program
		}
		rows = append(rows, []string{node, s.Proto, lab.LocalText(s.Local), program})
	}
	return rows, err
}

// processRows are the programs of a node.
func processRows(view plan.View, node string) ([][]string, error) {
	list, err := view.Processes(node)
	var rows [][]string
	for _, p := range list {
		rows = append(rows, []string{node, strconv.Itoa(p.Inner), strconv.Itoa(p.PID), strings.Join(p.Argv, " ")})
	}
	return rows, err
}

func serviceState(r plan.Running) string {
	if r.Ended != "" {
		return r.Ended
	}
	return "runs"
}
