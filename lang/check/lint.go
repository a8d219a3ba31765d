package check

import (
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// lint looks at the text as a whole, also at what a run would not come to: the
// bodies of functions that nothing calls, and branches that are not taken. It
// says only what is certain whatever the values are.
type lint struct {
	set     *source.Set
	table   *verb.Table
	modules eval.Modules
	// judged tells what the run has said all about already, and gives its node.
	judged func(*syntax.Statement) (node verb.Node, done bool)
	list   diag.List
	read   map[string]*scope
	// missing are names that were used before, or without, anything that makes them.
	missing []missing
}

// missing is the finding that a name is not there.
type missing struct {
	d     *diag.Diagnostic
	text  string
	of    func(*scope) map[string]*name
	scope *scope
}

// tree looks at a script, or at a module by itself.
func (l *lint) tree(tree *syntax.Tree) {
	s := newScope(nil)
	s.exempt = l.onlyDefines(tree)
	l.read[tree.File.Name] = &scope{open: true}
	l.statements(tree.File.Name, tree.Statements, s)
}

// onlyDefines reports whether a script is a module: nothing but definitions.
func (l *lint) onlyDefines(tree *syntax.Tree) bool {
	for _, st := range tree.Statements {
		if !st.Bad && !l.table.Role(st.Verb()).Defines() {
			return false
		}
	}
	return true
}

// statements looks at a block from its beginning to its end; file is the name
// of the file that it is in.
func (l *lint) statements(file string, list []*syntax.Statement, s *scope) {
	for _, st := range list {
		l.statement(file, st, s)
	}
	for len(s.later) > 0 { // a deferred def adds its body
		next := s.later[0]
		s.later = s.later[1:]
		next()
	}
	l.list.Add(s.unused()...)
	l.solve(s)
}

func (l *lint) block(file string, b *syntax.Block, outer *scope, bound ...eval.Param) {
	if b == nil {
		return
	}
	s := newScope(outer)
	for _, p := range bound {
		s.bind(p.Name, p.At, true)
	}
	l.statements(file, b.Statements, s)
}

func (l *lint) statement(file string, st *syntax.Statement, s *scope) {
	if st.Bad {
		l.bindAnyway(st, s)
		return
	}
	if named := s.functions(st.Verb()); len(named) > 0 {
		l.call(st, named, s)
		return
	}
	node, done := l.judged(st)
	if done && node == nil {
		l.words(st, s)
		return
	}
	if !done {
		v := l.table.Verb(st.Verb().Text)
		if v == nil || st.Verb().Kind == syntax.String {
			l.unknownVerb(st, s)
			return
		}
		if flat := l.table.Flat(st); v.ParseStatement == nil && flat.Dynamic() {
			l.words(st, s)
			l.list.Add(l.shape(v, flat)...)
			return
		}
		p, list := l.table.Parse(st)
		l.list.Add(list...)
		node = p.Node
	}
	if node == nil {
		l.bindAnyway(st, s)
		l.blocks(file, st, s)
		return
	}
	l.control(file, st, node, s)
}

// blocks looks at what a statement holds that cannot be read itself.
func (l *lint) blocks(file string, st *syntax.Statement, s *scope) {
	inner := newScope(s)
	inner.open = true
	for _, p := range st.Parts {
		l.block(file, p.Block, inner)
	}
}

// bindAnyway takes the name of a let that is wrong for bound: once is enough.
func (l *lint) bindAnyway(st *syntax.Statement, s *scope) {
	if t, ok := eval.LetName(l.table, st); ok {
		s.bind(t.Text, t.Span, true)
	}
}

func (l *lint) unknownVerb(st *syntax.Statement, s *scope) {
	if s.anything() {
		l.words(st, s)
		return
	}
	d := l.table.UnknownVerb(st, s.inSight(functions)...)
	l.list.Add(d)
	l.missing = append(l.missing, missing{d, st.Verb().Text, functions, s})
}

// call looks at the call of a function that the script defines.
func (l *lint) call(st *syntax.Statement, named []*name, s *scope) {
	args, d := eval.Arguments(st)
	l.list.Add(d)
	if d != nil {
		return
	}
	l.exprs(s, args...)
	var refused *diag.Diagnostic
	for i := len(named) - 1; i >= 0; i-- {
		named[i].used = true
		d := named[i].f.Refuses(st, args)
		if d == nil {
			return
		}
		refused = d
	}
	l.list.Add(refused)
}

// exprs looks at expressions: what they read, and which functions they call.
func (l *lint) exprs(s *scope, list ...eval.Expr) {
	for _, e := range list {
		if e == nil {
			continue
		}
		l.list.Add(eval.Problems(e)...)
		eval.Variables(e, func(text string, at source.Span) { l.variable(s, text, at) })
	}
}

func (l *lint) variable(s *scope, text string, at source.Span) {
	found := false
	for o := s; o != nil; o = o.outer {
		if n := o.vars[text]; n != nil {
			n.used, found = true, true
			break
		}
	}
	if found || s.anything() || eval.IsResult(text) {
		return
	}
	d := eval.NoVariable(at, text, s.inSight(variables))
	l.list.Add(d)
	l.missing = append(l.missing, missing{d, text, variables, s})
}

// solve adds to findings about names where they are made, when that is behind
// their use and in sight of it.
func (l *lint) solve(ended *scope) {
	kept := l.missing[:0]
	for _, m := range l.missing {
		if m.scope != ended {
			kept = append(kept, m)
			continue
		}
		if n := m.of(ended)[m.text]; n != nil {
			made := "bound"
			if n.f != nil {
				made = "defined"
			}
			later(l.set, m.d, m.text, made, n.at)
			continue
		}
		if m.scope = ended.outer; m.scope != nil {
			kept = append(kept, m)
		}
	}
	l.missing = kept
}

// later says of a finding that what it misses comes behind it.
func later(set *source.Set, d *diag.Diagnostic, text, made string, at source.Span) {
	_ = d.WithHelp("%s is %s only in line %d", text, made, set.Position(at.Start).Line).
		WithRelated(at, "here")
}
