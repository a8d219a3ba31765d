package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"nsl/lang/source"
)

// Text writes diagnostics for people and for editors: `file:line:col: error:
// summary [CODE]`, the line, a caret under the culprit, related places, help.
type Text struct {
	Set *source.Set
	// Color turns on ANSI colours; the caller has asked NO_COLOR and the terminal.
	Color bool
	// Width is the number of columns that excerpts are cut to, 0 for a long line's usual.
	Width int
}

const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"
)

func (t Text) paint(style, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return style + s + reset
}

// Write renders the findings to w, one after the other.
func (t Text) Write(w io.Writer, list List) error {
	for _, d := range list {
		if _, err := io.WriteString(w, t.Format(d)); err != nil {
			return err
		}
	}
	return nil
}

// Format renders one finding; the text ends with a newline. In a file without a name,
// which was typed, the line and the caret come first and no place is shown, as in
// [Text.FormatBelow].
func (t Text) Format(d *Diagnostic) string {
	var b strings.Builder
	style := t.style(d)
	place := Place(t.Set, d.Subject)
	switch {
	case place != "":
		b.WriteString(t.paint(bold, PlainLine(place)+":") + " ")
	case t.Set != nil && t.Set.Position(d.Subject.Start).File != nil && !d.Subject.IsZero():
		t.excerpt(&b, d.Subject, style)
	default:
		b.WriteString("nsl: ")
	}
	t.headline(&b, d)
	if place != "" {
		t.excerpt(&b, d.Subject, style)
	}
	t.rest(&b, d)
	return Uncommanded(b.String())
}

func (t Text) style(d *Diagnostic) string {
	if d.Severity == Warning {
		return yellow
	}
	return red
}

// headline writes severity, summary and code.
func (t Text) headline(b *strings.Builder, d *Diagnostic) {
	fmt.Fprintf(b, "%s %s", t.paint(bold+t.style(d), d.Severity.String()+":"), t.paint(bold, PlainLine(d.Summary)))
	if d.Code != "" {
		fmt.Fprintf(b, " [%s]", d.Code)
	}
	b.WriteByte('\n')
}

// Place is "file:line:col" of the start of a span, or "" for nowhere and for a file
// without a name.
func Place(set *source.Set, span source.Span) string {
	if set == nil || span.IsZero() {
		return ""
	}
	p := set.Position(span.Start)
	if p.File == nil || p.File.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File.Name, p.Line, p.Column)
}

// maxExcerpt keeps a caret on the screen when one line is very long (code points).
const maxExcerpt = 100

// excerpt writes the first line of the span and the carets under it.
func (t Text) excerpt(b *strings.Builder, span source.Span, style string) {
	if t.Set == nil || span.IsZero() {
		return
	}
	p := t.Set.Position(span.Start)
	if p.File == nil {
		return
	}
	line := []rune(PlainLine(p.File.Line(p.Line)))
	from := min(p.Column-1, len(line))
	width := max(1, utf8.RuneCountInString(t.Set.Text(span)))
	width = max(1, min(width, len(line)-from))
	line, from, width = t.window(line, from, width)
	fmt.Fprintf(b, "    %s\n", string(line))
	carets := strings.Repeat("^", max(1, cells(line[from:from+min(width, len(line)-from)])))
	fmt.Fprintf(b, "    %s%s\n", strings.Repeat(" ", cells(line[:from])), t.paint(style, carets))
}

// window cuts a long line to the part around the caret.
func (t Text) window(line []rune, from, width int) ([]rune, int, int) {
	most := maxExcerpt
	if t.Width > 0 {
		most = max(1, min(most, t.Width-len("    ")))
	}
	if len(line) <= most {
		return line, from, width
	}
	start := max(0, min(from-most/3, len(line)-most))
	end := min(len(line), start+most)
	cut := append([]rune(nil), line[start:end]...)
	if start > 0 {
		cut[0] = '…'
	}
	if end < len(line) {
		cut[len(cut)-1] = '…'
	}
	return cut, from - start, min(width, end-from)
}
