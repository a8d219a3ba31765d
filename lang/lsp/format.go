package lsp

import (
	"context"
	"fmt"
	"strings"

	"nsl/lang/format"
	"nsl/lang/source"
)

// formatted are the edits that bring a text into its canonical form. A text that cannot be
// read stays as it is.
func formatted(_ context.Context, d *document, _ about) (any, error) { return d.layout(), nil }

// formattedRange are those of the edits that touch a range.
func formattedRange(_ context.Context, d *document, p aboutRange) (any, error) {
	list := []TextEdit{}
	for _, e := range d.layout() {
		if e.Range.End.Line >= p.Range.Start.Line && e.Range.Start.Line <= p.Range.End.Line {
			list = append(list, e)
		}
	}
	return list, nil
}

// layout are the edits of whole lines that make the text canonical.
func (d *document) layout() []TextEdit {
	set := &source.Set{}
	text, list := format.Source(set.Add(fileName(d.uri), d.text), d.server.Language.Table)
	if list.HasErrors() || text == d.text {
		return []TextEdit{}
	}
	return edits(d.lines, newLines(text))
}

// edits turn one text into another, by the hunks of their unified diff.
func edits(before, after lines) []TextEdit {
	list := []TextEdit{}
	lines := after.all()
	for line := range strings.Lines(format.Diff("", before.text, after.text)) {
		var from, deleted, to, added int
		if _, err := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@", &from, &deleted, &to, &added); err != nil {
			continue
		}
		// The lines of a hunk count from 1, or are those before it where it has none.
		from, to = from-min(deleted, 1), to-min(added, 1)
		list = append(list, TextEdit{Range{before.lineStart(from), before.lineStart(from + deleted)},
			strings.Join(lines[to:to+added], "")})
	}
	return list
}

// all are the lines with their endings.
func (l lines) all() []string {
	var list []string
	for i, start := range l.starts {
		end := len(l.text)
		if i+1 < len(l.starts) {
			end = l.starts[i+1]
		}
		if start < end {
			list = append(list, l.text[start:end])
		}
	}
	return list
}

// lineStart is the beginning of a line, or the end of the text.
func (l lines) lineStart(line int) Position {
	if line >= len(l.starts) {
		return l.position(len(l.text))
	}
	return Position{Line: line}
}
