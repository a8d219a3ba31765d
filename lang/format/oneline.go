package format

import (
	"strings"

	"nsl/lang/source"
	"nsl/lang/syntax"
)

// OneLine writes a text of several lines on one: statements are separated by ";", and
// comments are left out. It is false where that cannot be: the text is incomplete, or
// a string with variables has several lines.
func OneLine(text string, d syntax.Dialect) (line string, ok bool) {
	f := (&source.Set{}).Add("", text)
	lexed := syntax.LexAs(f, d)
	if len(lexed.Diags) > 0 {
		return "", false
	}
	var b strings.Builder
	end, broken := f.Base, false
	last := syntax.Token{Kind: syntax.End}
	for i, t := range lexed.Tokens {
		if t.Kind == syntax.Comment || t.Kind == syntax.End && !separates(last, lexed.Tokens[i+1:]) {
			broken = broken || b.Len() > 0
			continue
		}
		word, written := onOneLine(t)
		if !written {
			return "", false
		}
		gap := f.Text[end-f.Base : t.Span.Start-f.Base]
		switch {
		case t.Kind == syntax.End && strings.Trim(gap, " \t") != "":
			gap = "" // a comment
		case broken, strings.Contains(gap, "\n"):
			gap = " "
		}
		b.WriteString(gap + word)
		end, broken, last = t.Span.End, t.Kind == syntax.End && t.Text == "\n", t
	}
	return b.String(), true
}

// separates reports whether the end of a statement has one before it and one after it.
func separates(before syntax.Token, after []syntax.Token) bool {
	for _, t := range after {
		switch t.Kind {
		case syntax.Comment, syntax.End:
			continue
		case syntax.BlockClose:
			return false
		}
		return before.Kind != syntax.End && before.Kind != syntax.BlockOpen
	}
	return false
}

// onOneLine is a token without line breaks.
func onOneLine(t syntax.Token) (text string, ok bool) {
	switch {
	case t.Kind == syntax.End:
		return ";", true
	case !strings.Contains(t.Text, "\n"):
		return t.Text, true
	case t.Kind == syntax.String && !t.Dynamic:
		return syntax.Quote(t.Value()), true
	}
	return "", false
}
