package verb

import (
	"reflect"

	"github.com/alecthomas/participle/v2"

	"nsl/lang/syntax"
)

// Grammar is the verb's grammar as participle spells it (EBNF): literals in
// quotes, leaves by the names of their types. Completion reads it.
func (v *Verb) Grammar() string { return v.ebnf() }

// Takes reports whether a leaf of the grammar, named as in [Verb.Grammar], takes a
// word or string.
func (v *Verb) Takes(leaf string, t syntax.Token) bool {
	kind := v.leafType(leaf)
	if kind == nil {
		return false
	}
	lex, err := syntax.Stream([]syntax.Token{t})
	if err != nil {
		return false
	}
	parser, ok := reflect.New(kind).Interface().(participle.Parseable)
	return ok && parser.Parse(lex) == nil
}

// leafType is the type of a leaf that one of the grammars has, or nil.
func (v *Verb) leafType(leaf string) reflect.Type {
	for _, g := range v.grammars {
		if kind := leafTypes(g, map[reflect.Type]bool{})[leaf]; kind != nil {
			return kind
		}
	}
	return nil
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
