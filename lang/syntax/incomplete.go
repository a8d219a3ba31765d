package syntax

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Incomplete reports whether a text is the beginning of a script rather than a
// wrong one: a bracket, a quote or a continued line is open (see [Tree.Open]), or
// all that is wrong is at the very end, where more may follow on the same line.
// Wrong at the end is also what a call there leads to. The findings are those of
// the splitter and of whoever looked at the tree; warnings do not count. A text
// with nothing wrong is not incomplete.
func Incomplete(tree *Tree, findings diag.List) bool {
	if tree.Open {
		return true
	}
	for _, d := range findings {
		if d.Severity != diag.Warning && !tree.atEnd(d) {
			return false
		}
	}
	return findings.HasErrors()
}

// atEnd reports whether a finding, or what led to it, is at the end of the text.
func (t *Tree) atEnd(d *diag.Diagnostic) bool {
	end := t.File.Base + len(strings.TrimRight(t.File.Text, " \t\r"))
	touches := func(s source.Span) bool { return s.End >= end && s.End <= t.File.Span().End }
	for _, r := range d.Related {
		if touches(r.Span) {
			return true
		}
	}
	return touches(d.Subject)
}
