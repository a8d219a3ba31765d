package check

import (
	"maps"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// scope is the names of a block, as the text has them.
type scope struct {
	outer *scope
	vars  map[string]*name
	defs  map[string]*name
	// open: unknown names may be here, of a module that cannot be read.
	open bool
	// broken: it is a module that cannot be used.
	broken bool
	// exempt: the names are for others to use, those of a module.
	exempt bool
	// later is what is looked at when the block has ended: bodies of functions
	// and deferred statements, which see the names that come after them.
	later []func()
}

// name is a variable or function.
type name struct {
	at   source.Span
	used bool
	// quiet: nothing is said when it is not used.
	quiet bool
	// hides is the variable of the same name outside, or nil.
	hides *name
	f     *eval.Function
}

func newScope(outer *scope) *scope {
	return &scope{outer: outer, vars: map[string]*name{}, defs: map[string]*name{}}
}

// bind adds a variable; one that is there already is the same one.
func (s *scope) bind(text string, at source.Span, quiet bool) {
	if s.vars[text] != nil {
		return
	}
	n := &name{at: at, quiet: quiet || s.exempt || strings.HasPrefix(text, "_")}
	if s.outer != nil {
		n.hides = s.outer.lookup(text)
	}
	s.vars[text] = n
}

// define adds a function, or says that it is there already.
func (s *scope) define(f *eval.Function) *diag.Diagnostic {
	if old := s.defs[f.Name]; old != nil && old.at != f.At {
		return eval.Taken(f, old.at)
	}
	s.defs[f.Name] = &name{at: f.At, f: f, quiet: s.exempt || strings.HasPrefix(f.Name, "_")}
	return nil
}

// only is what a module hands on: the names that are made in its own text.
func (s *scope) only(text source.Span) *scope {
	foreign := func(_ string, n *name) bool { return n.at.Start < text.Start || n.at.Start > text.End }
	out := &scope{vars: maps.Clone(s.vars), defs: maps.Clone(s.defs), open: s.open}
	maps.DeleteFunc(out.vars, foreign)
	maps.DeleteFunc(out.defs, foreign)
	return out
}

func (s *scope) lookup(text string) *name {
	for ; s != nil; s = s.outer {
		if n := s.vars[text]; n != nil {
			return n
		}
	}
	return nil
}

// functions are all that a name may mean, the innermost first: inside a function
// it depends on the moment of the call which of them it is.
func (s *scope) functions(t syntax.Token) []*name {
	var list []*name
	for ; s != nil && t.Kind == syntax.Word; s = s.outer {
		if n := s.defs[t.Text]; n != nil {
			list = append(list, n)
		}
	}
	return list
}

// anything reports whether an unknown name may be here.
func (s *scope) anything() bool {
	for ; s != nil; s = s.outer {
		if s.open {
			return true
		}
	}
	return false
}

// inSight are the names of one kind that can be used here.
func (s *scope) inSight(of func(*scope) map[string]*name) []string {
	seen := map[string]bool{}
	for ; s != nil; s = s.outer {
		for text := range of(s) {
			seen[text] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func variables(s *scope) map[string]*name { return s.vars }
func functions(s *scope) map[string]*name { return s.defs }

// unused are warnings about the names of a block that has ended.
func (s *scope) unused() diag.List {
	var list diag.List
	for text, n := range s.vars {
		switch {
		case n.used || n.quiet:
		case n.hides != nil:
			list.Add(diag.New(diag.Unused, diag.Warning, n.at, "%s is assigned here but never used", text).
				WithHelp("it is a new name inside this block: the one outside keeps its value").
				WithRelated(n.hides.at, "the one outside"))
		default:
			list.Add(diag.New(diag.Unused, diag.Warning, n.at, "%s is assigned but never used", text).
				WithHelp("take it away, or let its name begin with _"))
		}
	}
	for text, n := range s.defs {
		if !n.used && !n.quiet {
			list.Add(diag.New(diag.Unused, diag.Warning, n.at, "%s is defined and nothing uses it", text).
				WithHelp("take it away, or let its name begin with _"))
		}
	}
	return list
}
