package complete

import (
	"slices"

	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// next is one thing that may come next in a statement.
type next struct {
	// literal is a word or sign of the grammar itself, or "".
	literal string
	// leaf is the name of a leaf otherwise.
	leaf string
}

// walker follows a grammar along the words that were typed.
type walker struct {
	v      *verb.Verb
	rules  map[string]*expression
	tokens []syntax.Token
	found  []next
}

// expected is what the grammar of a verb allows after the tokens; ends reports
// whether the statement may end there.
func expected(v *verb.Verb, tokens []syntax.Token) (list []next, ends bool) {
	g, err := grammarParser().ParseString("", v.Grammar())
	if err != nil || len(g.Productions) == 0 {
		return nil, false
	}
	w := &walker{v: v, rules: map[string]*expression{}, tokens: tokens}
	for _, p := range g.Productions {
		w.rules[p.Name] = p.Body
	}
	reached := w.expression(g.Productions[0].Body, []int{0})
	return w.found, slices.Contains(reached, len(tokens))
}

// Positions are numbers of tokens, sorted, each once: those that a part of the
// grammar may begin or end at.

func (w *walker) expression(e *expression, from []int) []int {
	var all []int
	for _, s := range e.Alternatives {
		all = append(all, w.sequence(s, from)...)
	}
	return union(all)
}

func (w *walker) sequence(s *sequence, from []int) []int {
	for _, t := range s.Terms {
		if len(from) == 0 {
			return nil
		}
		from = w.repeated(t, from)
	}
	return from
}

// repeated is a term as often as it may come.
func (w *walker) repeated(t *term, from []int) []int {
	once := w.term(t, from)
	switch t.Repetition {
	case "?":
		return union(append(once, from...))
	case "*", "+":
		all := once
		for len(once) > 0 {
			more := slices.DeleteFunc(w.term(t, once), func(p int) bool { return slices.Contains(all, p) })
			all, once = append(all, more...), more
		}
		if t.Repetition == "*" {
			all = append(all, from...)
		}
		return union(all)
	}
	return once
}

func (w *walker) term(t *term, from []int) []int {
	switch {
	case t.Group != nil && t.Group.Look != "":
		return w.look(t.Group, from)
	case t.Group != nil:
		return w.expression(t.Group.Body, from)
	case t.Literal != "":
		return w.step(from, next{literal: unquoted(t.Literal)}, func(tok syntax.Token) bool { return tok.Is(unquoted(t.Literal)) })
	case w.rules[t.Name] != nil:
		return w.expression(w.rules[t.Name], from)
	}
	if _, all := w.v.Leaf(t.Name).(*syntax.Rest); all {
		return []int{len(w.tokens)}
	}
	return w.step(from, next{leaf: t.Name}, func(tok syntax.Token) bool { return w.v.Takes(t.Name, tok) })
}

// look is what a lookahead lets through. The words that a positive one names are
// those that the leaf after it takes, so they may come next.
func (w *walker) look(g *group, from []int) []int {
	negative := g.Look == "!"
	return slices.DeleteFunc(slices.Clone(from), func(p int) bool {
		if p == len(w.tokens) {
			if !negative {
				w.expression(g.Body, []int{p})
			}
			return false
		}
		before := len(w.found)
		matches := len(w.expression(g.Body, []int{p})) > 0
		w.found = w.found[:before]
		return matches == negative
	})
}

// step goes over one token, or notes what may come where there is none.
func (w *walker) step(from []int, n next, fits func(syntax.Token) bool) []int {
	var to []int
	for _, p := range from {
		switch {
		case p == len(w.tokens):
			if !slices.Contains(w.found, n) {
				w.found = append(w.found, n)
			}
		case fits(w.tokens[p]):
			to = append(to, p+1)
		}
	}
	return to
}

func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

func union(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}
