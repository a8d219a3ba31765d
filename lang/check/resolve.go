package check

import (
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// resolver finds what is wrong with a script whatever its values are and whichever
// lab it meets: statements that do not parse, names of variables and functions
// that nothing makes. It looks at all of the text, also at what no run reaches:
// bodies of functions that are never called, and branches that are not taken.
type resolver struct {
	set     *source.Set
	table   *verb.Table
	modules eval.Modules
	list    diag.List
	// at is the statement that is looked at.
	at *syntax.Statement
	// wrong are the errors that statements have of their own, those in their blocks
	// aside.
	wrong map[*syntax.Statement]diag.List
	// parsed are the statements of fixed words that are right.
	parsed map[*syntax.Statement]verb.Parsed
	read   map[string]*scope
	// asking are the statements where grants count.
	asking []*syntax.Statement
	// missing are names that were used before, or without, anything that makes them.
	missing []missing
	// named is called for each name that is found.
	named func(Named)
}

func newResolver(set *source.Set, table *verb.Table, modules eval.Modules, parsed map[*syntax.Statement]verb.Parsed) *resolver {
	return &resolver{set: set, table: table, modules: modules, parsed: parsed,
		read: map[string]*scope{}, wrong: map[*syntax.Statement]diag.List{}, named: func(Named) {}}
}

// missing is the finding that a name is not there.
type missing struct {
	d    *diag.Diagnostic
	text string
	// of are the names of its kind in a scope, and made is what is done to them.
	of    func(*scope) map[string]*name
	made  string
	scope *scope
}

// tree looks at a script, or at a module by itself.
func (r *resolver) tree(tree *syntax.Tree) {
	s := newScope(nil)
	s.exempt = r.onlyDefines(tree)
	r.read[tree.File.Name] = &scope{open: true}
	_, r.asking = eval.Grants(r.table, tree)
	r.statements(tree.File.Name, tree.Statements, s)
}

// onlyDefines reports whether a script is a module: nothing but definitions.
func (r *resolver) onlyDefines(tree *syntax.Tree) bool {
	for _, st := range tree.Statements {
		if !st.Bad && !r.table.Role(st.Verb()).Defines() {
			return false
		}
	}
	return true
}

// statements looks at a block from its beginning to its end; file is the name
// of the file that it is in.
func (r *resolver) statements(file string, list []*syntax.Statement, s *scope) {
	outer := r.at
	defer func() { r.at = outer }()
	for _, st := range list {
		r.statement(file, st, s)
	}
	for len(s.later) > 0 { // a deferred def adds its body
		next := s.later[0]
		s.later = s.later[1:]
		next()
	}
	r.list.Add(s.unused()...)
	r.solve(s)
}

func (r *resolver) block(file string, b *syntax.Block, outer *scope, bound ...eval.Param) {
	if b == nil {
		return
	}
	s := newScope(outer)
	for _, p := range bound {
		r.bind(s, p.Name, p.At, true)
	}
	r.statements(file, b.Statements, s)
}

func (r *resolver) statement(file string, st *syntax.Statement, s *scope) {
	outer := r.at
	defer func() { r.at = outer }()
	r.at = st
	if st.Bad {
		r.bindAnyway(st, s)
		return
	}
	if st.Verb().Kind == syntax.Foreign {
		r.foreign(file, st, s)
		return
	}
	if named := s.functions(st.Verb()); len(named) > 0 {
		r.call(st, named, s)
		return
	}
	v := r.table.Verb(st.Verb().Text)
	if v == nil || st.Verb().Kind == syntax.String {
		r.unknownVerb(st, s)
		return
	}
	if flat := r.table.Flat(st); v.ParseStatement == nil && flat.Dynamic() {
		r.words(flat, s)
		r.report(r.shape(v, flat)...)
		return
	}
	p, list := r.table.Parse(st)
	r.report(list...)
	if p.Node == nil {
		r.bindAnyway(st, s)
		r.blocks(file, st, s)
		return
	}
	r.parsed[st] = p
	r.control(file, p.Node, s)
}

// foreign looks at the command line of another program: what it reads and sets. What it
// means depends on the lab.
func (r *resolver) foreign(file string, st *syntax.Statement, s *scope) {
	line := st.Verb()
	first := line
	first.Kind = syntax.Word
	first.Text, _ = r.table.Foreign.First(line.Text)
	if len(s.functions(first)) > 0 {
		r.statements(file, r.table.Own(line).Statements, s)
		return
	}
	reads, sets := r.table.Foreign.Variables(line.Text)
	for _, name := range reads {
		r.variable(s, name, line.Span)
	}
	for _, name := range sets {
		r.bind(s, name, line.Span, true)
	}
}

// bind adds a variable to a block.
func (r *resolver) bind(s *scope, text string, at source.Span, quiet bool) {
	s.bind(text, at, quiet)
	r.named(Named{Name: text, At: at, Def: s.vars[text].at})
}

// report notes findings about the statement that is looked at.
func (r *resolver) report(list ...*diag.Diagnostic) {
	r.list.Add(list...)
	for _, d := range list {
		if d != nil && d.Severity != diag.Warning {
			r.wrong[r.at] = append(r.wrong[r.at], d)
		}
	}
}

// blocks looks at what a statement holds that cannot be read itself.
func (r *resolver) blocks(file string, st *syntax.Statement, s *scope) {
	inner := newScope(s)
	inner.open = true
	for _, p := range st.Parts {
		r.block(file, p.Block, inner)
	}
}

// bindAnyway takes the name of a let or def that is wrong for bound: once is enough.
func (r *resolver) bindAnyway(st *syntax.Statement, s *scope) {
	if t, ok := eval.LetName(r.table, st); ok {
		s.bind(t.Text, t.Span, true)
	}
	if t, ok := eval.DefName(r.table, st); ok && s.defs[t.Text] == nil {
		s.defs[t.Text] = &name{at: t.Span, quiet: true}
	}
}

func (r *resolver) unknownVerb(st *syntax.Statement, s *scope) {
	if s.anything() {
		r.words(st, s)
		return
	}
	d := r.table.UnknownVerb(st, s.inSight(functions)...)
	r.report(d)
	r.missing = append(r.missing, missing{d, st.Verb().Text, functions, "defined", s})
}

// call looks at the call of a function that the script defines.
func (r *resolver) call(st *syntax.Statement, named []*name, s *scope) {
	args, d := eval.Arguments(st)
	r.report(d)
	if d != nil {
		return
	}
	r.exprs(s, args...)
	var refused *diag.Diagnostic
	for i := len(named) - 1; i >= 0; i-- {
		named[i].used = true
		r.named(Named{Name: st.Verb().Text, At: st.Verb().Span, Def: named[i].at, Function: true})
		if named[i].f == nil {
			return // it is wrong itself
		}
		if refused = named[i].f.Refuses(st, args); refused == nil {
			return
		}
	}
	r.report(refused)
}

// exprs looks at expressions: what they read, and which functions they call.
func (r *resolver) exprs(s *scope, list ...eval.Expr) {
	for _, e := range list {
		if e == nil {
			continue
		}
		r.report(eval.Problems(e)...)
		eval.Variables(e, func(text string, at source.Span) { r.variable(s, text, at) })
	}
}

func (r *resolver) variable(s *scope, text string, at source.Span) {
	found := false
	for o := s; o != nil; o = o.outer {
		if n := o.vars[text]; n != nil {
			n.used, found = true, true
			r.named(Named{Name: text, At: at, Def: n.at})
			break
		}
	}
	if found || s.anything() || eval.IsResult(text) {
		return
	}
	d := eval.NoVariable(at, text, s.inSight(variables))
	r.report(d)
	r.missing = append(r.missing, missing{d, text, variables, "bound", s})
}

// solve adds to findings about names where they are made, when that is after
// their use and in sight of it.
func (r *resolver) solve(ended *scope) {
	kept := r.missing[:0]
	for _, m := range r.missing {
		if m.scope != ended {
			kept = append(kept, m)
			continue
		}
		if n := m.of(ended)[m.text]; n != nil {
			later(r.set, m.d, m.text, m.made, n.at)
			continue
		}
		if m.scope = ended.outer; m.scope != nil {
			kept = append(kept, m)
		}
	}
	r.missing = kept
}

// later says of a finding that what it misses comes after it.
func later(set *source.Set, d *diag.Diagnostic, text, made string, at source.Span) {
	_ = d.WithHelp("%s is %s only in line %d", text, made, set.Position(at.Start).Line).
		WithRelated(at, "here")
}
