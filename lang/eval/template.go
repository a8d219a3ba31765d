package eval

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// plainText is what is between the interpolations of a word or string: text,
// whatever its shape.
type plainText struct {
	at   source.Span
	text string
}

// At is its place.
func (e plainText) At() source.Span { return e.at }

func (plainText) expr() {}

// wordExpr is a word or string as an expression.
func wordExpr(t syntax.Token) (Expr, *diag.Diagnostic) {
	quoted := t.Kind == syntax.String
	if !t.Dynamic {
		if quoted {
			return literal{t.Span, Str(t.Value())}, nil
		}
		return literal{t.Span, OfWord(t.Text)}, nil
	}
	text, start := t.Text, t.Span.Start
	if quoted {
		text, start = stringBody(t)
	}
	parts, d := templateParts(text, start, quoted)
	if d != nil {
		return nil, d
	}
	if len(parts) == 1 && !quoted {
		return parts[0], nil // it has an interpolation, or it would not be dynamic
	}
	return template{t.Span, parts, quoted}, nil
}

// stringBody is what is between the quotes, and where it begins. Of a
// """…""" with common indentation the places are those of its first line.
func stringBody(t syntax.Token) (string, int) {
	if strings.HasPrefix(t.Text, `"""`) {
		return syntax.Dedent(strings.ReplaceAll(t.Text[3:len(t.Text)-3], "\r\n", "\n")), t.Span.Start + 3
	}
	return t.Text[1 : len(t.Text)-1], t.Span.Start + 1
}

// templateParts cuts text at its $name and ${…}.
func templateParts(text string, base int, quoted bool) ([]Expr, *diag.Diagnostic) {
	var parts []Expr
	from := 0
	plain := func(to int) {
		if from < to {
			s := text[from:to]
			if quoted {
				s = syntax.Unescape(s)
			}
			parts = append(parts, plainText{source.Span{Start: base + from, End: base + to}, s})
		}
	}
	for i := 0; i < len(text); {
		switch {
		case quoted && text[i] == '\\':
			i += 2
			continue
		case text[i] != '$':
			i++
			continue
		}
		plain(i)
		e, end, d := interpolation(text, i, base)
		if d != nil {
			return nil, d
		}
		parts = append(parts, e)
		i, from = end, end
	}
	plain(len(text))
	return parts, nil
}

// interpolation reads $name or ${…} at i, and returns where it ends.
func interpolation(text string, i, base int) (Expr, int, *diag.Diagnostic) {
	if strings.HasPrefix(text[i:], "${") {
		end := closingBrace(text, i+1)
		if end < 0 {
			return nil, 0, diag.Errorf(diag.Unclosed, source.Span{Start: base + i, End: base + i + 2}, "${ is never closed").WithHelp("add }")
		}
		items, d := innerItems(text[i+2:end], base+i+2)
		if d != nil {
			return nil, 0, d
		}
		e, d := parseItems(items, source.Span{Start: base + i, End: base + end + 1})
		return e, end + 1, d
	}
	rest := strings.TrimLeftFunc(text[i+1:], isNameRune)
	end := len(text) - len(rest)
	at := source.Span{Start: base + i, End: base + end}
	if name := text[i+1 : end]; isName(name) {
		return variable{at, name}, end, nil
	}
	at.End = base + i + 1
	return nil, 0, diag.Errorf(diag.BadExpr, at, "after $ comes the name of a variable, or {…}").
		WithHelp(`a dollar sign itself is written \$ in "…", or anything in '…'`)
}

// quoteEnd is the place of the quote that closes the one at i, or the end.
func quoteEnd(text string, i int) int {
	quote := text[i]
	for i++; i < len(text) && text[i] != quote; i++ {
		if text[i] == '\\' && quote == '"' {
			i++
		}
	}
	return i
}

// closingBrace is the place of the brace that closes the one at i, or -1.
// Braces in quotes do not count, as the lexer has it.
func closingBrace(text string, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			i = quoteEnd(text, i)
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
