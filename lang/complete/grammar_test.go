package complete

import (
	"slices"
	"testing"

	"nsl/stdlib"
)

// TestAlternatives holds that no alternative of a grammar matches nothing: the parser
// panics where the one that it takes is empty. A repetition belongs around all of them.
func TestAlternatives(t *testing.T) {
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		if v.ParseStatement != nil {
			continue
		}
		g, err := grammarParser().ParseString("", v.Grammar())
		if err != nil {
			t.Fatal(err)
		}
		e := emptiness{}
		for _, p := range g.Productions {
			e[p.Name] = p.Body
		}
		for _, p := range g.Productions {
			e.visit(p.Body, func(x *expression) {
				if len(x.Alternatives) > 1 && slices.ContainsFunc(x.Alternatives, e.sequence) {
					t.Errorf("%s: an alternative of %s may match nothing", v.Name, p.Name)
				}
			})
		}
	}
}

// emptiness finds what may match nothing.
type emptiness map[string]*expression

func (e emptiness) sequence(s *sequence) bool {
	return !slices.ContainsFunc(s.Terms, func(t *term) bool { return !e.term(t) })
}

func (e emptiness) term(t *term) bool {
	switch {
	case t.Repetition == "?" || t.Repetition == "*":
		return true
	case t.Group != nil:
		return t.Group.Look != "" || slices.ContainsFunc(t.Group.Body.Alternatives, e.sequence)
	case t.Literal == "" && e[t.Name] != nil:
		return slices.ContainsFunc(e[t.Name].Alternatives, e.sequence)
	}
	return false
}

func (e emptiness) visit(x *expression, f func(*expression)) {
	f(x)
	for _, s := range x.Alternatives {
		for _, t := range s.Terms {
			if t.Group != nil && t.Group.Look == "" {
				e.visit(t.Group.Body, f)
			}
		}
	}
}
