package eval

import (
	"maps"
	"slices"
	"strings"

	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Scope is the variables and functions of a block; those of the blocks around
// it are seen through it.
type Scope struct {
	outer *Scope
	vars  map[string]Value
	defs  map[string]*Function
	// open: it may have any names, those of a module that cannot be used.
	open bool
	// brought are the names that modules brought in: they are not handed on.
	brought map[string]bool
}

// NewScope makes a scope inside another, or an outermost one for nil.
func NewScope(outer *Scope) *Scope {
	return &Scope{outer: outer, vars: map[string]Value{}, defs: map[string]*Function{}}
}

// Lookup finds a variable.
func (s *Scope) Lookup(name string) (Value, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// Set binds a variable in this scope.
func (s *Scope) Set(name string, v Value) {
	s.vars[name] = v
	delete(s.brought, name)
}

// bringing notes that a module brought a name in: x, or f() for a function.
func (s *Scope) bringing(name string) {
	if s.brought == nil {
		s.brought = map[string]bool{}
	}
	s.brought[name] = true
}

// Function finds a function.
func (s *Scope) Function(name string) *Function {
	for ; s != nil; s = s.outer {
		if f := s.defs[name]; f != nil {
			return f
		}
	}
	return nil
}

// anything reports whether an unknown name may be in sight.
func (s *Scope) anything() bool {
	for ; s != nil; s = s.outer {
		if s.open {
			return true
		}
	}
	return false
}

// Variables are the names of all variables in sight.
func (s *Scope) Variables() []string {
	seen := map[string]bool{}
	for ; s != nil; s = s.outer {
		for name := range s.vars {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Functions are the names of all functions in sight.
func (s *Scope) Functions() []string {
	seen := map[string]bool{}
	for ; s != nil; s = s.outer {
		for name := range s.defs {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Function is a statement that a script defines.
type Function struct {
	Name   string
	At     source.Span
	Params []Param
	// Body is nil for a function whose def is wrong.
	Body *syntax.Block
	// Doc is the comment above it, without the signs.
	Doc string
	// Scope is where it was defined.
	Scope *Scope
}

// Param is a parameter of a function.
type Param struct {
	Name string
	At   source.Span
	// Default is nil for a parameter that must be given.
	Default Expr
}

// Needs is the number of arguments that must be given.
func (f *Function) Needs() int {
	n := 0
	for _, p := range f.Params {
		if p.Default == nil {
			n++
		}
	}
	return n
}

// Usage is the call as help shows it: lan NAME MEMBERS [NET].
func (f *Function) Usage() string {
	text := f.Name
	for _, p := range f.Params {
		word := strings.ToUpper(p.Name)
		if p.Default != nil {
			word = "[" + word + "]"
		}
		text += " " + word
	}
	return text
}
