package diag

import (
	"fmt"
	"strings"
)

// FormatBelow renders a finding about the first line of a text that is on the
// screen right above: the carets stand under it, indent columns (a prompt) more
// to the right, and the line is not repeated.
func (t Text) FormatBelow(d *Diagnostic, indent int) string {
	style := t.style(d)
	var b strings.Builder
	if p := t.Set.Position(d.Subject.Start); p.File != nil {
		line := []rune(PlainLine(p.File.Line(p.Line)))
		from := min(p.Column-1, len(line))
		to := min(len(line), from+len([]rune(PlainLine(t.Set.Text(d.Subject)))))
		carets := strings.Repeat("^", max(1, cells(line[from:max(from, to)])))
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", indent+cells(line[:from])), t.paint(style, carets))
	}
	t.headline(&b, d)
	t.rest(&b, d)
	return Uncommanded(b.String())
}

// rest are the related places and the help.
func (t Text) rest(b *strings.Builder, d *Diagnostic) {
	for _, r := range d.Related {
		place := Place(t.Set, r.Span)
		if place != "" {
			place += ": "
		}
		b.WriteString("    " + PlainLine(place+r.Text) + "\n")
		t.excerpt(b, r.Span, cyan)
	}
	for line := range strings.Lines(Plain(d.Help)) {
		b.WriteString("    " + t.paint(cyan, strings.TrimRight(line, "\n")) + "\n")
	}
}
