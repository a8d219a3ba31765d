package verb

import (
	"reflect"

	"github.com/alecthomas/participle/v2"

	"nsl/lang/syntax"
)

// A Form is one of the forms of a statement that is about several things, as
// del addr and del route are.
type Form struct {
	// Grammar is a nil pointer to the grammar struct of the form. Its literals
	// begin with the name of the statement and the word that tells the form from
	// the others.
	Grammar Planner
	// Usage, Doc and Examples are added to those of the statement.
	Usage    string
	Doc      string
	Examples []Example
}

// forms is the grammar of a statement that has several.
type forms struct {
	Form Planner `parser:"@@"`
}

// DefineForms makes a verb of its forms, in their order. The node of a
// statement is the one of its form.
func DefineForms(s Spec, list ...Form) *Verb {
	members := make([]Planner, len(list))
	types := make([]reflect.Type, len(list))
	for i, f := range list {
		members[i], types[i] = f.Grammar, reflect.TypeOf(f.Grammar)
		s.Usage = append(s.Usage, f.Usage)
		s.Examples = append(s.Examples, f.Examples...)
		if f.Doc != "" {
			s.Doc += "\n\n" + f.Doc
		}
	}
	parser := newParser[forms](participle.Union(members...))
	return define(s, types, parser, func(tokens []syntax.Token) (Node, error) {
		g, err := parse(parser(), tokens)
		if err != nil {
			return nil, err
		}
		return g.Form, nil
	})
}
