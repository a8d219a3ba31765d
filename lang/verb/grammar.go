package verb

import (
	"reflect"

	"github.com/alecthomas/participle/v2"

	"nsl/lang/syntax"
)

// Grammar is the verb's grammar as participle spells it (EBNF): literals in
// quotes, leaves by the names of their types. Completion reads it.
func (v *Verb) Grammar() string { return v.ebnf() }

// Leaf is a new leaf of the grammar that has read nothing, named as in
// [Verb.Grammar]: a pointer to its type, or nil if the grammar has none.
func (v *Verb) Leaf(name string) syntax.Completer {
	for _, g := range v.grammars {
		if kind := leafTypes(g, map[reflect.Type]bool{})[name]; kind != nil {
			leaf, _ := reflect.New(kind).Interface().(syntax.Completer)
			return leaf
		}
	}
	return nil
}

// leafWords are the words of which a leaf of the grammar takes one, and nothing else.
func (v *Verb) leafWords() []string {
	var words []string
	for _, g := range v.grammars {
		for _, kind := range leafTypes(g, map[reflect.Type]bool{}) {
			if leaf, ok := reflect.New(kind).Interface().(interface{ Keywords() []string }); ok {
				words = append(words, leaf.Keywords()...)
			}
		}
	}
	return words
}

// Takes reports whether a leaf of the grammar, named as in [Verb.Grammar], takes a
// word or string.
func (v *Verb) Takes(leaf string, t syntax.Token) bool {
	lex, err := syntax.Stream([]syntax.Token{t})
	if err != nil {
		return false
	}
	parser, ok := v.Leaf(leaf).(participle.Parseable)
	return ok && parser.Parse(lex) == nil
}

// leafTypes are the types in a grammar that read words themselves.
func leafTypes(t reflect.Type, seen map[reflect.Type]bool) map[string]reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	found := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct || seen[t] {
		return found
	}
	seen[t] = true
	if reflect.PointerTo(t).Implements(reflect.TypeFor[participle.Parseable]()) {
		found[t.Name()] = t
		return found
	}
	for f := range fieldsOf(t) {
		for name, leaf := range leafTypes(f.Type, seen) {
			found[name] = leaf
		}
	}
	return found
}
