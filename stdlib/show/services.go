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
	return rowsOf(running, func(r plan.Running) []string {
		return []string{node, r.ID, r.Service.String(), serviceState(r)}
	}), err
}

// listenRows are the ports on which a program listens.
func listenRows(view plan.View, node string) ([][]string, error) {
	sockets, err := view.Sockets(node)
	slices.SortStableFunc(sockets, func(a, b plan.Socket) int {
		return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Local.Port(), b.Local.Port()), a.Local.Addr().Compare(b.Local.Addr()))
	})
	return rowsOf(sockets, func(s plan.Socket) []string {
		program := lab.Holder(s)
		if strings.HasPrefix(s.Program, lab.OwnProgram) {
			program = s.Program
		}
		return []string{node, s.Proto, lab.LocalText(s.Local), program}
	}), err
}

// processRows are the programs of a node.
func processRows(view plan.View, node string) ([][]string, error) {
	list, err := view.Processes(node)
	return rowsOf(list, func(p plan.Process) []string {
		return []string{node, strconv.Itoa(p.Inner), strconv.Itoa(p.PID), strings.Join(p.Argv, " ")}
	}), err
}

func serviceState(r plan.Running) string {
	if r.Ended != "" {
		return r.Ended
	}
	return "runs"
}
