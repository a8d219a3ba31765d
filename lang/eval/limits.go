package eval

import (
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Limits bound a run, so that a slip in a script ends with a message and not
// with the machine's memory.
type Limits struct {
	// Steps is the number of statements that are run.
	Steps int
	// Depth is the number of functions that call one another.
	Depth int
	// List is the number of items of a list.
	List int
	// Text is the number of bytes of a text.
	Text int
	// Uses is the number of modules that use one another.
	Uses int
	// Nodes and Links are the numbers of nodes and of interfaces of a lab, without the
	// host and what the kernel makes by itself.
	Nodes, Links int
	// Programs is the number of processes and threads of a lab's programs, all together.
	// Files and Memory are the number of open files and the memory (MiB) of each.
	Programs, Files, Memory int
}

// StepsFlag raises the limit of statements.
const StepsFlag = "--max-steps"

// DefaultLimits are generous for anything written by hand.
func DefaultLimits() Limits {
	return Limits{Steps: 1_000_000, Depth: 200, List: 100_000, Text: 1 << 20, Uses: 32, Nodes: 1200, Links: 24_000,
		Programs: 4096, Files: 65_536, Memory: 4096}
}

// Bound is one of the limits, with the flag that raises it.
type Bound struct {
	Flag, Usage string
	Value       *int
}

// Bounds are the limits one by one.
func (l *Limits) Bounds() []Bound {
	return append([]Bound{
		{"max-steps", "maximum number of statements run", &l.Steps},
		{"max-depth", "maximum call depth", &l.Depth},
		{"max-list", "maximum number of items of a list", &l.List},
		{"max-text", "maximum number of bytes of a text", &l.Text},
		{"max-uses", "maximum depth of modules that use modules", &l.Uses},
	}, l.LabBounds()...)
}

// LabBounds are those of what a lab takes of the machine.
func (l *Limits) LabBounds() []Bound {
	return []Bound{
		{"max-nodes", "maximum number of nodes of a lab", &l.Nodes},
		{"max-links", "maximum number of interfaces of a lab", &l.Links},
		{"max-programs", "maximum number of processes and threads of a lab's programs", &l.Programs},
		{"max-files", "maximum number of files that a program may have open", &l.Files},
		{"max-memory", "maximum memory of a program, in MiB", &l.Memory},
	}
}

// TooMany is the finding that a statement would make more nodes or interfaces than a lab
// may have, or nil. Each takes memory of the kernel's, which no other limit bounds.
func (l Limits) TooMany(lab *verb.LabState, steps []plan.Step) *diag.Diagnostic {
	var nodes, links int
	for _, step := range steps {
		e := step.Op.Effect()
		nodes, links = nodes+len(e.Nodes), links+len(e.Links)
	}
	if nodes == 0 && links == 0 {
		return nil
	}
	at := steps[0].Span
	if most, err := lab.NodesAtMost(); nodes > 0 && err == nil && most+nodes > l.Nodes {
		if there, err := lab.Nodes(); err == nil && len(there)+nodes > l.Nodes {
			return limit(at, "a lab of %d nodes", len(there)+nodes, l.Nodes, "--max-nodes")
		}
	}
	if most, err := lab.LinksAtMost(); links == 0 || err != nil || most+links <= l.Links {
		return nil
	}
	if there, err := plan.CountLinks(lab); err == nil && there+links > l.Links {
		return limit(at, "a lab of %d interfaces", there+links, l.Links, "--max-links")
	}
	return nil
}

func limit(at source.Span, what string, n, most int, flag string) *diag.Diagnostic {
	return diag.Errorf(diag.LimitHit, at, what+": the limit is %d", n, most).
		WithHelp("if that is meant, raise it: %s", flag)
}

// tooLong is a range with more items than a list may have.
type tooLong int

func (tooLong) value()         {}
func (tooLong) Kind() string   { return "list" }
func (tooLong) String() string { return "…" }

// expandRange makes a list of a word like 1..10; other values are as they were.
func expandRange(v Value, l Limits) Value {
	s, ok := v.(Str)
	if !ok {
		return v
	}
	from, to, found := strings.Cut(string(s), "..")
	if !found {
		return v
	}
	a, errA := strconv.ParseInt(from, 10, 64)
	b, errB := strconv.ParseInt(to, 10, 64)
	if errA != nil || errB != nil {
		return v
	}
	return rangeOf(a, b, l)
}

// rangeOf is the numbers from a to b, both included, upwards or downwards.
func rangeOf(a, b int64, l Limits) Value {
	step, n := int64(1), uint64(b-a)
	if b < a {
		step, n = -1, uint64(a-b)
	}
	if n >= uint64(l.List) { //nolint:gosec // a limit is not negative
		return tooLong(min(n, 1<<62) + 1)
	}
	list := make(List, 0, n+1)
	for i := a; ; i += step {
		list = append(list, Int(i))
		if i == b {
			return list
		}
	}
}
