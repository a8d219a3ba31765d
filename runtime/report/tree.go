package report

import "strings"

// node is a test with what is in it, or an expectation or a finding.
type node struct {
	Event
	// end is the test-end of a test; its zero value means that it was cut off.
	end  Event
	kids []*node
}

// tree nests the events of a file; output is left out.
func tree(events []Event) []*node {
	root := &node{}
	stack := []*node{root}
	for _, e := range events {
		top := stack[len(stack)-1]
		switch e.Type {
		case TypeTest:
			n := &node{Event: e}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case TypeTestEnd:
			top.end = e
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case TypeExpect, TypeFinding:
			top.kids = append(top.kids, &node{Event: e})
		}
	}
	return root.kids
}

// name is what a report calls it.
func (n *node) name() string {
	switch n.Type {
	case TypeTest:
		return n.Test[len(n.Test)-1]
	case TypeFinding:
		return strings.TrimSpace(n.Finding.Code + " " + n.Finding.Summary)
	}
	if n.Reason != "" {
		return n.Text + "  (" + n.Reason + ")"
	}
	return n.Text
}

// status is how it ended.
func (n *node) status() Status {
	switch n.Type {
	case TypeTest:
		if n.end.Type == "" {
			return Error
		}
		return n.end.Status
	case TypeFinding:
		if n.warning() {
			return Passed
		}
		return Error
	}
	return n.Status
}

func (n *node) warning() bool {
	return n.Type == TypeFinding && n.Finding.Severity == severityWarning
}

// place is where it is; a finding of no place is the file's.
func (n *node) place(file string) Place {
	switch {
	case n.Type == TypeFinding && n.Finding.Place != nil:
		return *n.Finding.Place
	case n.Event.Place != nil:
		return *n.Event.Place
	}
	return Place{At: file}
}

// bad are the expectations and findings in it that did not go well, at any depth.
func (n *node) bad() []*node {
	if n.Type != TypeTest {
		if st := n.status(); st == Passed || st == Skipped {
			return nil
		}
		return []*node{n}
	}
	var list []*node
	for _, k := range n.kids {
		list = append(list, k.bad()...)
	}
	return list
}
