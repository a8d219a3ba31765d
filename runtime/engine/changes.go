package engine

import (
	"maps"
	"slices"
	"strings"

	"nsl/runtime/plan"
	"nsl/runtime/restore"
)

// Recorder is a World that finds out what a program changed.
type Recorder interface {
	// Content is what nodes hold, as the kernel describes it; a node that is gone is left
	// out. With hold, those that are deleted until the next call can be restored.
	Content(nodes []string, hold bool) (plan.Content, error)
}

// mostRead is the number of nodes that are all read when a program runs. Of a larger lab
// these are the program's own and those that its words name.
const mostRead = 32

// content is what the nodes hold that a program may change; nil where what is done is not
// undone.
func (s *Session) content(e plan.Exec) (plan.Content, []string, error) {
	r, ok := s.World.(Recorder)
	if !ok || !s.undoes() {
		return nil, nil, nil
	}
	nodes, err := plan.AllNodes(s.World)
	if err != nil {
		return nil, nil, err
	}
	c, err := r.Content(changeable(e, nodes), true)
	return c, nodes, err
}

// changeable are the nodes that a program may change.
func changeable(e plan.Exec, nodes []string) []string {
	if len(nodes) <= mostRead {
		return nodes
	}
	words := strings.Join(e.Argv, " ")
	return slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return n != e.Node && !strings.Contains(words, n) })
}

// changeableBy are the nodes that the programs of a statement may change, where that is
// found out.
func (s *Session) changeableBy(steps []plan.Step) (list []string, err error) {
	if _, ok := s.World.(Recorder); !ok {
		return nil, nil
	}
	for _, step := range steps {
		e, ok := step.Op.(plan.Exec)
		if !ok {
			continue
		}
		nodes, err := plan.AllNodes(s.World)
		if err != nil {
			return nil, err
		}
		list = append(list, changeable(e, nodes)...)
	}
	return list, nil
}

// changes are the ops that a program has done, as steps of its statement.
func (s *Session) changes(step plan.Step, before plan.Content, nodes []string) ([]plan.Step, error) {
	if before == nil {
		return nil, nil
	}
	now, err := plan.AllNodes(s.World)
	if err != nil {
		return nil, err
	}
	read := slices.DeleteFunc(now, func(n string) bool { return slices.Contains(nodes, n) }) // those that are new
	after, err := s.World.(Recorder).Content(slices.AppendSeq(read, maps.Keys(before)), false)
	if err != nil {
		return nil, err
	}
	var steps []plan.Step
	for _, op := range restore.Changes(before, after) {
		steps = append(steps, plan.Step{Op: op, Span: step.Span})
	}
	return steps, nil
}
