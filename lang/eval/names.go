package eval

import (
	"maps"
	"reflect"
)

// Names are what a scope bound at some moment: its own variables and functions.
type Names struct {
	vars    map[string]Value
	defs    map[string]*Function
	brought map[string]bool
	open    bool
}

// Names are those of now.
func (s *Scope) Names() Names {
	return Names{maps.Clone(s.vars), maps.Clone(s.defs), maps.Clone(s.brought), s.open}
}

// SetNames makes the scope bind what it bound at that moment, and nothing else.
func (s *Scope) SetNames(n Names) {
	s.vars, s.defs, s.brought, s.open = maps.Clone(n.vars), maps.Clone(n.defs), maps.Clone(n.brought), n.open
}

// Equal reports whether two moments bind the same names to the same values.
func (n Names) Equal(o Names) bool {
	same := func(a, b Value) bool { return reflect.DeepEqual(a, b) }
	return maps.EqualFunc(n.vars, o.vars, same) && maps.Equal(n.defs, o.defs)
}

// Recount starts the count of statements anew, for a prompt: each line that is
// typed is a run of its own as far as the limit goes.
func (in *Interp) Recount() { in.steps = 0 }
