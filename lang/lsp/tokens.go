package lsp

import (
	"context"
	"slices"
	"strings"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// tokenTypes are the types of semantic tokens, in the order of their numbers.
func tokenTypes() []string {
	return []string{"keyword", "function", "variable", "class", "property", "number", "string", "comment", "operator", "parameter", "macro"}
}

// The numbers of the types: a node is a class, an interface a property, an option of a
// statement a parameter, and the command line of another program a macro.
const (
	tokenKeyword uint32 = iota
	tokenFunction
	tokenVariable
	tokenNode
	tokenInterface
	tokenNumber
	tokenString
	tokenComment
	tokenOperator
	tokenOption
	tokenForeign
)

// coloured are the types of all words of a document.
func coloured(_ context.Context, d *document, _ about) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	c := colourer{analysis: a, kinds: map[int]uint32{}, sites: map[int]site{}}
	c.look()
	return semanticTokens{c.encode()}, nil
}

type colourer struct {
	*analysis
	// kinds are the types of tokens that their statements decide, by their offsets.
	kinds map[int]uint32
	sites map[int]site
}

// look finds the words whose statement decides what they are.
func (c *colourer) look() {
	for _, s := range c.analysis.sites {
		if _, _, here := c.span(s.at); here && !s.computed {
			c.sites[s.at.Start] = s
		}
	}
	for _, n := range c.named {
		kind := tokenVariable
		if n.Function {
			kind = tokenFunction
		}
		c.kinds[n.At.Start] = kind
	}
	each(c.tree.Statements, c.statement)
}

// statement decides the words of one statement: its verb, its probe and its options.
func (c *colourer) statement(st *syntax.Statement) {
	first := st.Verb()
	v := c.table().Verb(first.Text)
	if v == nil || first.Kind != syntax.Word {
		return
	}
	c.kinds[first.Span.Start] = tokenKeyword
	words := v.Keywords()
	for _, t := range st.Head()[1:] {
		p := c.table().Probe(t.Text)
		switch {
		case t.Kind != syntax.Word:
		case p != nil && v.Role == verb.RoleExpect:
			c.kinds[t.Span.Start], words = tokenKeyword, slices.Concat(words, p.Keywords())
		case slices.Contains(words, t.Text):
			c.kinds[t.Span.Start] = tokenOption
		}
	}
}

// kind is the type of a token, if it has one.
func (c *colourer) kind(t syntax.Token) (uint32, bool) {
	switch t.Kind {
	case syntax.Comment:
		return tokenComment, true
	case syntax.String:
		return tokenString, true
	case syntax.Arrow, syntax.Cable, syntax.Compare, syntax.ListOpen, syntax.ListClose:
		return tokenOperator, true
	case syntax.Foreign:
		return tokenForeign, true
	case syntax.Word:
		return c.word(t)
	}
	return 0, false
}

func (c *colourer) word(t syntax.Token) (uint32, bool) {
	if kind, ok := c.kinds[t.Span.Start]; ok {
		return kind, true
	}
	if t.Dynamic {
		return tokenVariable, true
	}
	return tokenNumber, strings.ContainsAny(t.Text[:1], "0123456789")
}

// encode are the tokens as the protocol has them: five numbers each, places being relative
// to the token before. A token of several lines is several.
func (c *colourer) encode() []uint32 {
	data := []uint32{}
	last := Position{}
	add := func(start, end int, kind, modifiers uint32) {
		for start < end {
			p := c.position(start)
			stop := min(end, c.end(p.Line))
			if n := units(c.text[start:max(start, stop)]); n > 0 {
				from := p.Character
				if p.Line == last.Line {
					from -= last.Character
				}
				data = append(data, uint32(p.Line-last.Line), uint32(from), uint32(n), kind, modifiers) //nolint:gosec // places in a text of 16 MiB
				last = p
			}
			if p.Line+1 >= len(c.starts) {
				return
			}
			start = c.starts[p.Line+1]
		}
	}
	for _, t := range c.tree.Tokens {
		c.token(t, add)
	}
	return data
}

// token adds a token, or the names that it is made of.
func (c *colourer) token(t syntax.Token, add func(start, end int, kind, modifiers uint32)) {
	start, end, here := c.span(t.Span)
	if !here || start >= end {
		return
	}
	_, decided := c.kinds[t.Span.Start]
	if parts := c.parts(t.Span); len(parts) > 0 && !decided {
		for _, s := range parts {
			from, to, _ := c.span(s.at)
			kind, modifiers := tokenNode, uint32(0)
			if s.link != "" {
				kind = tokenInterface
			}
			if s.makes {
				modifiers = 1
			}
			add(from, to, kind, modifiers)
		}
		return
	}
	if kind, ok := c.kind(t); ok {
		add(start, end, kind, 0)
	}
}

// parts are the names in a word, in their order.
func (c *colourer) parts(span source.Span) []site {
	var list []site
	for at := span.Start; at < span.End; {
		s, ok := c.sites[at]
		if !ok || s.at.End > span.End || s.at.End <= at {
			at++
			continue
		}
		list = append(list, s)
		at = s.at.End
	}
	return list
}
