package probes

import (
	"context"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// matrixProbe is the probe matrix.
type matrixProbe struct {
	rows []matrixRow
	patient
}

// matrixRow is a line of the table: who asks, and what is said of the others.
type matrixRow struct {
	from  []syntax.NodeRef
	all   bool
	cells []matrixCell
}

// matrixCell is a node or address that answers, or with ! does not; all is *.
type matrixCell struct {
	syntax.Target
	all, denied bool
}

// matrixWords are the words of the probe, for completion and near misses;
// parseMatrix reads them.
type matrixWords struct {
	Table syntax.Free `parser:"'matrix' @@"`
}

// Matrix is the probe matrix.
func Matrix() *verb.Verb {
	return verb.Define[matrixWords](verb.Spec{
		Name:    "matrix",
		Summary: "a table of which nodes answer which nodes' pings, and which do not",
		Lines:   true,
		Usage:   []string{"matrix [within DURATION] { NODE: NODE… !NODE…; … }"},
		Doc: `Each line begins with a node that pings, and names the nodes that answer it, and after ` + "`!`" + `
those that do not. ` + "`*`" + ` are all nodes that the line does not name, ` + "`!*`" + ` says that no other
node answers; a line for ` + "`*`" + ` is for all nodes that have none. A line may be for a list:
` + "`<red blue>: green`" + `, and name addresses: ` + "`red: 8.8.8.8`" + `. What no line names is not
checked.

All pairs are tried at once, over each family in which both ends have a global
address; a node after ` + "`!`" + ` must not answer for 300 ms, or refuse. When the table differs
from what is expected, it is drawn.`,
		Examples: []verb.Example{
			{Note: "A chain whose middle node is not a router.", Code: "ns red blue green\nlink red <-> blue\nlink blue <-> green\nexpect matrix {\n  red: blue !green\n  blue: *\n  green: blue !*\n}\n"},
			{Note: "The same with a router.", Code: "ns red blue green\nlink red <-> blue\nlink blue <-> green\nforward blue\nroute red default via 192.168.15.2\nroute green default via 192.168.16.1\nexpect matrix { *: * }\n"},
		},
		Parse: func(_ *verb.Table, tokens []syntax.Token) (verb.Node, diag.List) { return parseMatrix(tokens) },
	})
}

// parseMatrix reads the lines of the block.
func parseMatrix(tokens []syntax.Token) (verb.Node, diag.List) {
	const usage = "a table is written: expect matrix { red: blue !green; blue: * }"
	last := tokens[len(tokens)-1]
	if len(tokens) < 2 || tokens[1].Kind != syntax.BlockOpen {
		at := source.Span{Start: tokens[0].Span.End, End: tokens[0].Span.End}
		if len(tokens) > 1 {
			return nil, diag.List{diag.UnexpectedWord(tokens[1].Span, "matrix", tokens[1].Text).WithHelp(usage)}
		}
		return nil, diag.List{diag.Missing(at, "matrix", "the table").WithHelp(usage)}
	}
	m := &matrixProbe{}
	var list diag.List
	var line []syntax.Token
	for _, t := range tokens[2:] {
		if t.Kind != syntax.End && t.Kind != syntax.BlockClose {
			line = append(line, t)
			continue
		}
		if len(line) > 0 {
			row, d := parseMatrixRow(line)
			list.Add(d...)
			m.rows = append(m.rows, row)
		}
		line = nil
	}
	if len(m.rows) == 0 {
		list.Add(diag.Errorf(diag.TooShort, last.Span, "matrix: the table is empty").WithHelp(usage))
	}
	return m, list
}

func parseMatrixRow(line []syntax.Token) (row matrixRow, list diag.List) {
	colon := slices.IndexFunc(line, func(t syntax.Token) bool { return t.Kind == syntax.Word && strings.HasSuffix(t.Text, ":") })
	// A list of names with a colon has become several words that end with one.
	for colon >= 0 && colon+1 < len(line) && (strings.HasSuffix(line[colon+1].Text, ":") || line[colon+1].Kind == syntax.ListClose) {
		colon++
	}
	if colon < 0 {
		return row, diag.List{diag.Errorf(diag.Unexpected, line[0].Span, "matrix: a line begins with a node and a colon").
			WithHelp("for example: red: blue !green")}
	}
	for _, t := range line[:colon+1] {
		name := strings.TrimSuffix(t.Value(), ":")
		switch {
		case t.Kind == syntax.ListOpen || t.Kind == syntax.ListClose || name == "":
		case name == "*":
			row.all = true
		default:
			ref := syntax.NodeRef{Text: syntax.Text{Span: t.Span, Value: name, Dynamic: t.Dynamic}}
			list.Add(problemOf(ref.Text, ref.Problem))
			row.from = append(row.from, ref)
		}
	}
	cells, more := parseMatrixCells(line[colon+1:])
	row.cells = cells
	return row, append(list, more...)
}

// problemOf leaves out words whose values are not known yet.
func problemOf(t syntax.Text, problem func() *diag.Diagnostic) *diag.Diagnostic {
	if t.Dynamic {
		return nil
	}
	return problem()
}

// parseMatrixCells reads who answers; a ! before a list is for all of it.
func parseMatrixCells(words []syntax.Token) (cells []matrixCell, list diag.List) {
	said := map[string]bool{}
	denyList := false
	for i, t := range words {
		value := t.Value()
		name := strings.TrimPrefix(value, "!")
		switch {
		case t.Kind == syntax.ListOpen:
			denyList = i > 0 && words[i-1].Value() == "!"
			continue
		case t.Kind == syntax.ListClose:
			denyList = false
			continue
		case name == "":
			continue
		case t.Kind != syntax.Word && t.Kind != syntax.String:
			list.Add(diag.UnexpectedWord(t.Span, "matrix", t.Text))
			continue
		}
		c := matrixCell{all: name == "*", denied: denyList || name != value}
		c.Target = syntax.Target{Text: syntax.Text{Span: t.Span, Value: name, Dynamic: t.Dynamic}}
		if before, ok := said[name]; ok && before != c.denied {
			list.Add(diag.Errorf(diag.OptionClash, t.Span, "matrix: %s is there with ! and without", name))
		}
		if said[name] = c.denied; !c.all {
			list.Add(problemOf(c.Text, c.Problem))
		}
		cells = append(cells, c)
	}
	return cells, list
}

// Names reports nodes that never were.
func (m *matrixProbe) Names(view verb.Lab) diag.List {
	var list diag.List
	for _, row := range m.rows {
		for _, ref := range row.from {
			list = append(list, neverWas(view, ref.Text, plan.Ref{Node: ref.Value})...)
		}
		for _, c := range row.cells {
			if !c.all {
				_, d := lab.TargetOf(view, c.Target)
				list.Add(d)
			}
		}
	}
	return list
}

// Probe asks about all cells at once.
func (m *matrixProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	pairs, err := m.pairs(snapshotOf(env), wait, m.proof(env))
	if err != nil {
		return nil, err
	}
	answers, err := (&pingProbe{}).fly(ctx, env, pairs)
	for i := range answers {
		if a := &answers[i]; pairs[i].denied {
			// Whoever got through will do so again.
			a.Denied, a.Definite, a.Holds = true, a.Holds || a.Definite, !a.Holds
			a.Why, a.Fix, a.Explain = "", "", nil
		}
	}
	return answers, err
}

// proof is how long those who are denied must be silent, if any are.
func (m *matrixProbe) proof(env *verb.Env) time.Duration {
	for _, row := range m.rows {
		for _, c := range row.cells {
			if c.denied {
				return silence(m.Patience(true), slowest(env))
			}
		}
	}
	return 0
}

// pairs are the cells that are asked about; from those that are denied nothing must come
// for as long as silence says.
func (m *matrixProbe) pairs(view verb.Lab, wait, silence time.Duration) ([]pair, error) {
	nodes, err := view.Nodes()
	if err != nil {
		return nil, err
	}
	var list []pair
	for _, row := range m.rows {
		for _, from := range m.asking(row, nodes) {
			for _, c := range row.targets(view, from, nodes) {
				cellWait := wait
				if c.denied {
					cellWait = max(wait, silence)
				}
				for _, p := range (&pingProbe{patient: patient{every: c.denied}}).ask(view, from, c.Target, true, cellWait) {
					p.denied = c.denied
					list = append(list, p)
				}
			}
		}
	}
	return list, nil
}

// asking are the nodes of a line; * are those that have none of their own.
func (m *matrixProbe) asking(row matrixRow, nodes []string) []string {
	var names []string
	for _, ref := range row.from {
		names = append(names, ref.Value)
	}
	if !row.all {
		return names
	}
	var own []string
	for _, other := range m.rows {
		for _, ref := range other.from {
			own = append(own, ref.Value)
		}
	}
	for _, n := range nodes {
		if !slices.Contains(own, n) {
			names = append(names, n)
		}
	}
	return names
}

// aimed is a cell with the node and target that it is about.
type aimed struct {
	lab.Target
	denied bool
}

// targets are what a line says of others for one of its nodes, * in full.
func (row matrixRow) targets(view verb.Lab, from string, nodes []string) []aimed {
	var list []aimed
	named := map[string]bool{from: true}
	for _, c := range row.cells {
		if !c.all {
			t, _ := lab.TargetOf(view, c.Target)
			list = append(list, aimed{t, c.denied})
			named[t.Node] = true
		}
	}
	for _, c := range row.cells {
		for _, n := range nodes {
			if c.all && !named[n] {
				list = append(list, aimed{lab.Target{Text: n, Ref: plan.Ref{Node: n}}, c.denied})
			}
		}
	}
	return list
}
