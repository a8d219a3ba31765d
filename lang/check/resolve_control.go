package check

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// control looks at the statements of the language itself; of the others nothing is
// left to be known.
func (r *resolver) control(file string, node verb.Node, s *scope) {
	switch n := node.(type) {
	case *eval.Let:
		r.exprs(s, n.Value)
		r.bind(s, n.Name, n.NameAt, false)
	case *eval.For:
		r.exprs(s, n.Over)
		r.emptyLoop(n)
		r.block(file, n.Body, s, eval.Param{Name: n.Name, At: n.NameAt})
	case *eval.If:
		r.branches(file, n, s)
	case *eval.Def:
		r.function(file, n.Function, s)
	case *eval.Use:
		r.use(file, n, s)
	case *eval.Grant:
		if !slices.Contains(r.asking, r.at) {
			r.report(eval.MisplacedGrant(r.at.Span))
		}
	case *eval.Test:
		r.exprs(s, n.Name)
		r.block(file, n.Body, s)
	case *eval.Defer:
		s.later = append(s.later, func() { r.statement(file, n.Statement, s) })
	case *eval.Print:
		r.exprs(s, n.Values...)
	}
}

// words looks at what the "$" of a statement read.
func (r *resolver) words(st *syntax.Statement, s *scope) {
	for _, p := range st.Parts {
		for _, t := range p.Tokens {
			if !t.Dynamic {
				continue
			}
			e, d := eval.Word(t)
			r.report(d)
			r.exprs(s, e)
		}
	}
}

func (r *resolver) function(file string, f *eval.Function, s *scope) {
	r.report(s.define(f))
	r.named(Named{Name: f.Name, At: f.At, Def: s.defs[f.Name].at, Function: true})
	def := r.at
	s.later = append(s.later, func() {
		r.at = def
		for _, p := range f.Params {
			r.exprs(s, p.Default)
		}
		r.block(file, f.Body, s, f.Params...)
	})
}

func (r *resolver) branches(file string, n *eval.If, s *scope) {
	var always source.Span
	for _, b := range n.Branches {
		r.exprs(s, b.Cond)
		switch yes, known := constantTruth(b.Cond); {
		case !always.IsZero():
			r.unreachable(b.Body, always, "this is always true")
		case known && yes:
			always = b.Cond.At()
		case known:
			r.unreachable(b.Body, b.Cond.At(), "this is never true")
		}
		r.block(file, b.Body, s)
	}
}

// constantTruth is the value of a condition that is the same in every run.
func constantTruth(e eval.Expr) (yes, known bool) {
	if e == nil {
		return false, false
	}
	v, ok := eval.Constant(e)
	if !ok {
		return false, false
	}
	yes, err := eval.Truth(v)
	return yes, err == nil
}

func (r *resolver) emptyLoop(n *eval.For) {
	v, ok := eval.Constant(n.Over)
	if list, isList := v.(eval.List); ok && isList && len(list) == 0 {
		r.unreachable(n.Body, n.Over.At(), "this list is empty")
	}
}

// unreachable warns of a block that no run comes to. An empty one is no loss.
func (r *resolver) unreachable(b *syntax.Block, because source.Span, why string) {
	if len(b.Statements) == 0 {
		return
	}
	first, last := b.Statements[0], b.Statements[len(b.Statements)-1]
	text := "these statements never run"
	if first == last {
		text = "this statement never runs"
	}
	r.list.Add(diag.New(diag.Unreachable, diag.Warning, first.Span.To(last.Span), "%s", text).
		WithHelp("take the block away, or look at its condition").WithRelated(because, "%s", why))
}

// use brings the names of a module into the block.
func (r *resolver) use(file string, n *eval.Use, s *scope) {
	if r.modules == nil {
		s.open = true
		return
	}
	key, tree, err := r.modules.Module(file, n.Target)
	if err != nil {
		r.report(eval.CannotUse(n, err))
		s.open = true
		return
	}
	m := r.module(key, tree)
	if m.broken {
		r.wrong[r.at] = diag.List{} // its own file has them
	}
	s.open = s.open || m.open || m.broken
	for text, v := range m.vars {
		if s.vars[text] == nil {
			s.vars[text] = v
		}
	}
	for text, f := range m.defs {
		if s.defs[text] == nil {
			s.defs[text] = f
		}
	}
}

// module looks at a module, once. Where modules use one another in a cycle, it
// is found half read, and may have any name.
func (r *resolver) module(key string, tree *syntax.Tree) *scope {
	if m := r.read[key]; m != nil {
		return m
	}
	r.read[key] = &scope{open: true}
	problems := eval.ModuleProblems(r.table, tree)
	r.list.Add(problems...)
	var own []*syntax.Statement
	for _, st := range tree.Statements {
		if r.table.Role(st.Verb()).Defines() {
			own = append(own, st)
		}
	}
	m := newScope(nil)
	m.exempt = true
	r.statements(key, own, m)
	m = m.only(tree.File.Span())
	m.broken = len(problems) > 0
	r.read[key] = m
	return m
}
