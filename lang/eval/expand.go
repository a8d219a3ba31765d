package eval

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// Expand evaluates the words of a statement. A list becomes a list, or more
// items where it is in one. unknown is set when only a run can tell.
func (c *Context) Expand(tokens []syntax.Token) (out []syntax.Token, unknown bool, d *diag.Diagnostic) {
	out = make([]syntax.Token, 0, len(tokens))
	depth := 0
	for _, t := range tokens {
		switch t.Kind {
		case syntax.ListOpen:
			depth++
		case syntax.ListClose:
			depth--
		}
		if !t.Dynamic {
			out = append(out, t)
			continue
		}
		e, d := wordExpr(t)
		if d != nil {
			return nil, false, d
		}
		v, d := c.Eval(e)
		if d != nil {
			return nil, false, d
		}
		if _, ok := v.(Unknown); ok {
			unknown = true
			continue
		}
		out = append(out, tokensOf(t, v, depth > 0)...)
	}
	return out, unknown, nil
}

// tokensOf are the tokens of a value at the place of t.
func tokensOf(t syntax.Token, v Value, inList bool) []syntax.Token {
	list, ok := v.(List)
	if !ok {
		return []syntax.Token{tokenOf(t, v)}
	}
	var out []syntax.Token
	for _, item := range list {
		out = append(out, tokenOf(t, item))
	}
	if inList || t.Argument {
		return out
	}
	open := syntax.Token{Kind: syntax.ListOpen, Span: t.Span, Text: "<"}
	closing := syntax.Token{Kind: syntax.ListClose, Span: t.Span, Text: ">"}
	return append(append([]syntax.Token{open}, out...), closing)
}

// tokenOf is one value as a word; as a string where it was one, or could not
// be written as a word.
func tokenOf(t syntax.Token, v Value) syntax.Token {
	text := v.String()
	if t.Kind == syntax.Word && text != "" && !strings.ContainsAny(text, " \t\r\n;{}()<>\"',") {
		return syntax.Token{Kind: syntax.Word, Span: t.Span, Text: text}
	}
	return syntax.Token{Kind: syntax.String, Span: t.Span, Text: syntax.Quote(text)}
}
