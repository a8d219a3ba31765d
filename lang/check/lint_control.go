package check

import (
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// control looks at the statements of the language itself; the others have
// nothing but words.
func (l *lint) control(file string, st *syntax.Statement, node verb.Node, s *scope) {
	switch n := node.(type) {
	case *eval.Let:
		l.exprs(s, n.Value)
		s.bind(n.Name, n.NameAt, false)
	case *eval.For:
		l.exprs(s, n.Over)
		l.emptyLoop(n)
		l.block(file, n.Body, s, eval.Param{Name: n.Name, At: n.NameAt})
	case *eval.If:
		l.branches(file, n, s)
	case *eval.Def:
		l.function(file, n.Function, s)
	case *eval.Use:
		l.use(file, n, s)
	case *eval.Test:
		l.exprs(s, n.Name)
		l.block(file, n.Body, s)
	case *eval.Defer:
		s.later = append(s.later, func() { l.statement(file, n.Statement, s) })
	case *eval.Print:
		l.exprs(s, n.Values...)
	default:
		l.words(st, s)
	}
}

// words looks at what the "$" of a statement read.
func (l *lint) words(st *syntax.Statement, s *scope) {
	for _, p := range l.table.Flat(st).Parts {
		for _, t := range p.Tokens {
			if !t.Dynamic {
				continue
			}
			e, d := eval.Word(t)
			l.list.Add(d)
			l.exprs(s, e)
		}
	}
}

func (l *lint) function(file string, f *eval.Function, s *scope) {
	l.list.Add(s.define(f))
	s.later = append(s.later, func() {
		for _, p := range f.Params {
			l.exprs(s, p.Default)
		}
		l.block(file, f.Body, s, f.Params...)
	})
}

func (l *lint) branches(file string, n *eval.If, s *scope) {
	var always source.Span
	for _, b := range n.Branches {
		l.exprs(s, b.Cond)
		switch yes, known := constantTruth(b.Cond); {
		case !always.IsZero():
			l.unreachable(b.Body, always, "this is always true")
		case known && yes:
			always = b.Cond.At()
		case known:
			l.unreachable(b.Body, b.Cond.At(), "this is never true")
		}
		l.block(file, b.Body, s)
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

func (l *lint) emptyLoop(n *eval.For) {
	v, ok := eval.Constant(n.Over)
	if list, isList := v.(eval.List); ok && isList && len(list) == 0 {
		l.unreachable(n.Body, n.Over.At(), "this list is empty")
	}
}

// unreachable warns of a block that no run comes to. An empty one is no loss.
func (l *lint) unreachable(b *syntax.Block, because source.Span, why string) {
	if len(b.Statements) == 0 {
		return
	}
	first, last := b.Statements[0], b.Statements[len(b.Statements)-1]
	text := "these statements never run"
	if first == last {
		text = "this statement never runs"
	}
	l.list.Add(diag.New(diag.Unreachable, diag.Warning, first.Span.To(last.Span), "%s", text).
		WithHelp("take the block away, or look at its condition").WithRelated(because, "%s", why))
}

// use brings the names of a module into the block.
func (l *lint) use(file string, n *eval.Use, s *scope) {
	if l.modules == nil {
		s.open = true
		return
	}
	key, tree, err := l.modules.Module(file, n.Target)
	if err != nil {
		l.list.Add(eval.CannotUse(n, err))
		s.open = true
		return
	}
	m := l.module(key, tree)
	s.open = s.open || m.open
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

// module looks at a module, once. Where modules use one another in a circle, it
// is found half read, and may have any name.
func (l *lint) module(key string, tree *syntax.Tree) *scope {
	if m := l.read[key]; m != nil {
		return m
	}
	l.read[key] = &scope{open: true}
	l.list.Add(tree.Diags...)
	var own []*syntax.Statement
	for _, st := range tree.Statements {
		if l.table.Role(st.Verb()).Defines() {
			own = append(own, st)
		}
	}
	m := newScope(nil)
	m.exempt = true
	l.statements(key, own, m)
	l.read[key] = m.only(tree.File.Span())
	return l.read[key]
}
