package report

import (
	"fmt"
	"slices"
	"strings"
)

// Matrix draws who reaches whom: a row for each node that asks, a column for each
// that is asked, and a mark at what is not as expected. It is "" for less than two
// rows or columns. Each line ends with a newline.
func Matrix(answers []Answer, not, color bool) string {
	m := newMatrix(answers, not, color)
	switch {
	case len(m.from) < 2 || len(m.to) < 2:
		return ""
	case len(m.from) > maxMatrix || len(m.to) > maxMatrix:
		return fmt.Sprintf("    %d × %d nodes are too many to draw; the JSON report has all\n", len(m.from), len(m.to))
	}
	text := m.drawn()
	if slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return len(withoutColor(l)) > maxWidth }) {
		return m.small()
	}
	return text
}

const (
	// maxMatrix is the most nodes of a side that are drawn.
	maxMatrix = 256
	// maxWidth is the widest table with names above its columns.
	maxWidth = 120
)

// matrix is the answers by their ends.
type matrix struct {
	from, to []string
	cells    map[[2]string]cell
	// both: some pair is asked over both families.
	both, not, color bool
}

// cell is what one node has of another: IPv4 or IPv6, whichever is asked.
type cell struct{ four, six state }

type state int

const (
	unasked state = iota
	reached
	unreached
	// reachedWrongly and missing are not as expected.
	reachedWrongly
	missing
)

func newMatrix(answers []Answer, not, color bool) *matrix {
	m := &matrix{cells: map[[2]string]cell{}, not: not, color: color}
	rows, columns := map[string]bool{}, map[string]bool{}
	for _, a := range answers {
		if a.From == "" || a.To == "" {
			continue
		}
		a = a.plain()
		if !rows[a.From] {
			rows[a.From], m.from = true, append(m.from, a.From)
		}
		if !columns[a.To] {
			columns[a.To], m.to = true, append(m.to, a.To)
		}
		m.add(a)
	}
	// A node has one place on both sides.
	both := slices.DeleteFunc(slices.Clone(m.from), func(n string) bool { return !columns[n] })
	m.to = slices.Concat(both, slices.DeleteFunc(m.to, func(n string) bool { return rows[n] }))
	return m
}

func (m *matrix) add(a Answer) {
	s := reached
	switch through, right := a.Holds != a.Denied, a.Holds != m.not; {
	case through && !right:
		s = reachedWrongly
	case !through && right:
		s = unreached
	case !through:
		s = missing
	}
	key := [2]string{a.From, a.To}
	c := m.cells[key]
	if a.Family == "IPv6" {
		c.six = s
	} else {
		c.four = s
	}
	m.cells[key] = c
	m.both = m.both || c.four != unasked && c.six != unasked
}

// drawn is the table with a name above each column.
func (m *matrix) drawn() string {
	first := 0
	for _, n := range m.from {
		first = max(first, len([]rune(n)))
	}
	var b strings.Builder
	b.WriteString("    " + strings.Repeat(" ", first))
	for _, n := range m.to {
		b.WriteString("  " + pad(n, max(3, len([]rune(n)))))
	}
	b.WriteByte('\n')
	for _, from := range m.from {
		b.WriteString("    " + pad(from, first))
		for _, to := range m.to {
			text, color := m.cell(from, to)
			width := max(3, len([]rune(to)))
			b.WriteString("  " + paint(m.color, color, text) + strings.Repeat(" ", width-len(text)))
		}
		b.WriteByte('\n')
	}
	return trimmed(b.String()) + "    " + m.legend() + "\n"
}

// cell is the text and the colour of a cell.
func (m *matrix) cell(from, to string) (text, color string) {
	c, asked := m.cells[[2]string{from, to}]
	if !asked {
		return ".", ""
	}
	text = c.word(m.both)
	if c.four.wrong() || c.six.wrong() {
		return text + "!", red
	}
	return text, green
}

func (s state) wrong() bool { return s == reachedWrongly || s == missing }

func (s state) through() bool { return s == reached || s == reachedWrongly }

// word is "ok" or "--", or for each of two families its digit or a dash.
func (c cell) word(both bool) string {
	if !both {
		if c.four.through() || c.six.through() {
			return "ok"
		}
		return "--"
	}
	return c.four.digit("4") + c.six.digit("6")
}

func (s state) digit(d string) string {
	switch {
	case s == unasked:
		return "."
	case s.through():
		return d
	}
	return "-"
}

func (m *matrix) legend() string {
	if m.both {
		return "row to column: 4 over IPv4, 6 over IPv6, - not, ! not as expected, . not asked"
	}
	return "row to column: ok gets through, -- does not, ! not as expected, . not asked"
}

// small is the table with one sign a cell, for many nodes.
func (m *matrix) small() string {
	first := 0
	for _, n := range m.from {
		first = max(first, len([]rune(n)))
	}
	var b strings.Builder
	for _, from := range m.from {
		b.WriteString("    " + pad(from, first) + "  ")
		for _, to := range m.to {
			b.WriteString(m.sign(from, to))
		}
		b.WriteByte('\n')
	}
	return b.String() + "    row to column, in one order: + gets through, - does not, and not as expected: X does not, O does; . not asked\n"
}

func (m *matrix) sign(from, to string) string {
	c, asked := m.cells[[2]string{from, to}]
	switch {
	case !asked:
		return "."
	case c.four == missing || c.six == missing:
		return paint(m.color, red, "X")
	case c.four == reachedWrongly || c.six == reachedWrongly:
		return paint(m.color, red, "O")
	case c.four.through() || c.six.through():
		return paint(m.color, green, "+")
	}
	return paint(m.color, green, "-")
}

func pad(s string, width int) string { return s + strings.Repeat(" ", width-len([]rune(s))) }

// trimmed takes the blanks off the ends of lines.
func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// withoutColor is a line as wide as it is seen.
func withoutColor(s string) []rune {
	return []rune(strings.NewReplacer(red, "", green, "", yellow, "", reset, "").Replace(s))
}
