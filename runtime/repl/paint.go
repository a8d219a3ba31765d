package repl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// The colours of the prompt (ECMA-48, SGR).
const (
	styleVerb    = "\x1b[1;34m"
	styleProbe   = "\x1b[34m"
	styleString  = "\x1b[32m"
	styleVar     = "\x1b[35m"
	styleComment = "\x1b[2m"
	styleSign    = "\x1b[33m"
	styleWrong   = "\x1b[31m"
	styleBold    = "\x1b[1m"
	styleDim     = "\x1b[2m"
	styleNone    = "\x1b[0m"

	clearScreen = "\x1b[H\x1b[2J"
	saveCursor  = "\x1b7"
	backCursor  = "\x1b8"
)

// words reports what a word is where a statement begins.
type words struct {
	// begins reports whether a statement or a command begins with the word, or may
	// once it is typed out.
	begins func(word string) (whole, prefix bool)
	table  *verb.Table
}

// paintLine gives a line its colours. Before are the lines of the same input that
// stand above it; the text takes the same columns as the line.
func (w words) paintLine(before, line string) string {
	set := &source.Set{}
	file := set.Add("", before+line)
	var b strings.Builder
	at := len(before)
	first, probing := true, false
	for _, t := range syntax.LexAs(file, w.table).Tokens {
		style := w.style(t, first, probing)
		first, probing = w.next(t, first, probing)
		start, end := max(t.Span.Start-file.Base, at), t.Span.End-file.Base
		if end <= at {
			continue
		}
		b.WriteString(file.Text[at:start])
		b.WriteString(paint(style, file.Text[start:end]))
		at = end
	}
	b.WriteString(file.Text[at:])
	return b.String()
}

func paint(style, text string) string {
	if style == "" || text == "" {
		return text
	}
	return style + text + styleNone
}

// next reports whether the token after t begins a statement, or is a probe.
func (w words) next(t syntax.Token, first, probing bool) (nextFirst, nextProbing bool) {
	switch t.Kind {
	case syntax.End, syntax.BlockOpen, syntax.BlockClose:
		return true, false
	case syntax.Comment:
		return first, probing
	}
	role := verb.NoRole
	if first {
		role = w.table.Role(t)
	}
	switch {
	case role == verb.RoleExpect, probing && t.Is("not"):
		return false, true
	case role == verb.RoleDefer, t.Is("else"):
		return true, false
	}
	return false, false
}

func (w words) style(t syntax.Token, first, probing bool) string {
	switch t.Kind {
	case syntax.Comment:
		return styleComment
	case syntax.String:
		return styleString
	case syntax.Arrow, syntax.Cable, syntax.ListOpen, syntax.ListClose:
		return styleSign
	case syntax.Bad:
		return styleWrong
	case syntax.Word:
		return w.wordStyle(t, first, probing)
	}
	return ""
}

func (w words) wordStyle(t syntax.Token, first, probing bool) string {
	switch {
	case t.Dynamic:
		return styleVar
	case first:
		whole, prefix := w.begins(t.Text)
		if !prefix {
			return styleWrong
		}
		if whole {
			return styleVerb
		}
	case probing && w.table.Probe(t.Text) != nil:
		return styleProbe
	}
	return ""
}

// width is how many columns a text takes that may have colours in it.
func width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] == '\x1b' {
			end := strings.IndexFunc(s[i+1:], unicode.IsLetter)
			if end < 0 {
				return n
			}
			i += end + 2
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
		n++
	}
	return n
}
