package format

import (
	"strings"
	"unicode/utf8"

	"nsl/lang/syntax"
)

// step is the indentation of a block in its statement, and of the lines of a
// list; continued is that of a line after a "\".
const (
	step      = 2
	continued = 4
)

// line is one line of the result; text holds line breaks only inside strings.
type line struct {
	indent  int
	blank   bool // an empty line comes before it
	text    string
	comment string
}

// printer places pieces on lines.
type printer struct {
	lines    []line
	blocks   []bool // open blocks, whether each is on one line
	brackets int    // open lists and parentheses
	extra    int    // indentation of the lines of a continued statement
}

func (p *printer) last() *line { return &p.lines[len(p.lines)-1] }

// inOneLine reports whether the innermost block is on one line.
func (p *printer) inOneLine() bool { return len(p.blocks) > 0 && p.blocks[len(p.blocks)-1] }

// depth is the number of open blocks of several lines.
func (p *printer) depth() int {
	n := 0
	for _, oneLine := range p.blocks {
		if !oneLine {
			n++
		}
	}
	return n
}

// place puts piece i after the pieces before it.
func (p *printer) place(pieces []piece, i int) {
	t := pieces[i]
	var before piece
	if i > 0 {
		before = pieces[i-1]
	}
	closes := t.Kind == syntax.ListClose || t.Kind == syntax.ParenClose
	if closes {
		p.brackets--
	}
	switch {
	case t.Kind == syntax.Comment:
		p.comment(before, t)
	case t.Kind == syntax.BlockClose:
		p.closeBlock(t)
	case i == 0 || startsStatement(before, t, p.brackets > 0 || closes):
		p.statement(before, t)
	default:
		p.inside(before, t, closes)
	}
	p.open(t)
}

// open keeps count of the brackets that the piece opens.
func (p *printer) open(t piece) {
	switch t.Kind {
	case syntax.ListOpen, syntax.ParenOpen:
		p.brackets++
	case syntax.BlockOpen:
		p.blocks = append(p.blocks, t.oneLine)
	}
}

func startsStatement(before, t piece, inBrackets bool) bool {
	switch {
	case inBrackets:
		return false
	case t.ended || before.Kind == syntax.BlockOpen || before.Kind == syntax.Comment:
		return true
	}
	return before.Kind == syntax.BlockClose && !t.Is("else")
}

func (p *printer) comment(before, t piece) {
	text := strings.TrimRight(t.Text, " \t\r")
	atEnd := t.breaks == 0 || !t.ended && p.brackets == 0 && before.Kind != syntax.BlockOpen
	if len(p.lines) > 0 && atEnd && before.Kind != syntax.Comment {
		p.last().comment = text
		return
	}
	if p.brackets == 0 {
		p.extra = 0
	}
	p.newLine(before, t, p.indent())
	p.last().comment = text
}

func (p *printer) closeBlock(t piece) {
	oneLine := p.inOneLine()
	p.blocks = p.blocks[:len(p.blocks)-1]
	if oneLine {
		p.last().text += " }"
		return
	}
	p.extra = 0
	p.lines = append(p.lines, line{indent: p.indent(), text: t.Text})
}

// statement puts the first piece of a statement.
func (p *printer) statement(before, t piece) {
	switch {
	case !p.inOneLine():
		p.extra = 0
		p.newLine(before, t, p.indent())
		p.last().text = textOf(t)
	case before.Kind == syntax.BlockOpen:
		p.last().text += " " + textOf(t)
	default:
		p.last().text += "; " + textOf(t)
	}
}

// inside puts a piece that is not the first of its statement.
func (p *printer) inside(before, t piece, closes bool) {
	inBrackets := p.brackets > 0 || closes
	switch {
	case before.Kind == syntax.Comment || t.breaks > 0 && inBrackets && !lessThan(before):
		p.newLine(before, t, p.indent())
		if closes {
			p.last().blank = false
		}
	case t.breaks > 0 && !inBrackets && t.Kind != syntax.BlockOpen && before.Kind != syntax.BlockClose:
		p.last().text += ` \`
		p.extra = continued
		p.lines = append(p.lines, line{indent: p.indent()})
	default:
		p.last().text += space(before, t)
	}
	p.last().text += textOf(t)
}

// indent is that of a line that begins now.
func (p *printer) indent() int { return step*(p.depth()+p.brackets) + p.extra }

// newLine begins a line; an empty line before it is kept, but not after an
// opening bracket.
func (p *printer) newLine(before, t piece, indent int) {
	blank := t.breaks > 1 && len(p.lines) > 0 && !opensBracket(before.Kind)
	if blank && before.Kind == syntax.Comment {
		blank = !endsOpen(p.last().text)
	}
	p.lines = append(p.lines, line{indent: indent, blank: blank})
}

// lessThan reports the one sign that cannot end a line: it would open a list.
func lessThan(t piece) bool { return t.Kind == syntax.Compare && t.Text == "<" }

func opensBracket(k syntax.Kind) bool {
	return k == syntax.BlockOpen || k == syntax.ListOpen || k == syntax.ParenOpen
}

func endsOpen(text string) bool {
	return strings.HasSuffix(text, "{") || strings.HasSuffix(text, "<") || strings.HasSuffix(text, "(")
}

// textOf is the piece as it is written; line endings inside strings are those
// of the rest of the result.
func textOf(t piece) string { return strings.ReplaceAll(t.Text, "\r\n", "\n") }

// space is what comes between two pieces of a line.
func space(before, t piece) string {
	switch {
	case t.Argument && before.Argument && t.tight:
		return ""
	case lessThan(before):
		return " "
	case t.Kind == syntax.String && before.Kind == syntax.Word && t.tight && strings.HasSuffix(before.Text, "="):
		return "" // the quoted value of a setting
	case before.Kind == syntax.ListOpen || before.Kind == syntax.ParenOpen,
		before.Kind == syntax.Comma && !t.inCall && strings.Trim(t.Text, "0123456789") == "", // trunk 10,20
		t.Kind == syntax.Comma || t.Kind == syntax.ParenClose:
		return ""
	case t.Kind == syntax.ListClose:
		if before.Kind == syntax.Word && strings.HasSuffix(before.Text, "-") {
			return " " // together they would be an arrow
		}
		return ""
	case t.Kind == syntax.ParenOpen && before.Kind == syntax.Word && t.tight:
		return "" // a call
	}
	return " "
}

// String is all that was placed.
func (p *printer) String() string {
	var b strings.Builder
	for i := 0; i < len(p.lines); {
		n := p.run(i)
		column := 0
		for _, l := range p.lines[i : i+n] {
			column = max(column, l.width())
		}
		for _, l := range p.lines[i : i+n] {
			l.write(&b, column)
		}
		i += n
	}
	return b.String()
}

// run is the number of lines from i on whose comments stand under each other.
func (p *printer) run(i int) int {
	n := 1
	for i+n < len(p.lines) {
		first, l := p.lines[i], p.lines[i+n]
		if !first.aligns() || !l.aligns() || l.blank || l.indent != first.indent {
			break
		}
		n++
	}
	return n
}

// aligns reports whether the line's comment may be aligned with another: not where
// a bracket opens or closes, and not after a text of several lines.
func (l line) aligns() bool {
	return l.text != "" && l.comment != "" && !endsOpen(l.text) && l.text[0] != '}' &&
		!strings.Contains(l.text, "\n")
}

func (l line) width() int {
	if i := strings.LastIndexByte(l.text, '\n'); i >= 0 {
		return utf8.RuneCountInString(l.text[i+1:])
	}
	return l.indent + utf8.RuneCountInString(l.text)
}

func (l line) write(b *strings.Builder, column int) {
	if l.blank {
		b.WriteByte('\n')
	}
	b.WriteString(strings.Repeat(" ", l.indent))
	b.WriteString(l.text)
	if l.comment != "" && l.text != "" {
		b.WriteString(strings.Repeat(" ", column-l.width()+2))
	}
	b.WriteString(l.comment)
	b.WriteByte('\n')
}
