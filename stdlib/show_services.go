package stdlib

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// serviceRows are what nsl started in a node and did not stop.
func serviceRows(lab plan.View, node string) ([][]string, error) {
	running, err := lab.Services(node)
	var rows [][]string
	for _, r := range running {
		rows = append(rows, []string{node, r.ID, r.Service.String(), serviceState(r)})
	}
	return rows, err
}

// listenRows are the ports on which somebody waits.
func listenRows(lab plan.View, node string) ([][]string, error) {
	sockets, err := lab.Sockets(node)
	slices.SortStableFunc(sockets, func(a, b plan.Socket) int {
		return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Local.Port(), b.Local.Port()), a.Local.Addr().Compare(b.Local.Addr()))
	})
	var rows [][]string
	for _, s := range sockets {
		program := holder(s)
		if strings.HasPrefix(s.Program, ownProgram) {
			program = s.Program
		}
		rows = append(rows, []string{node, s.Proto, localText(s.Local), program})
	}
	return rows, err
}

// processRows are the programs of a node.
func processRows(lab plan.View, node string) ([][]string, error) {
	list, err := lab.Processes(node)
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
