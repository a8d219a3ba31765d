package lsp

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// each calls f for all statements, those in blocks after the ones that hold them.
func each(list []*syntax.Statement, f func(*syntax.Statement)) {
	for _, st := range list {
		f(st)
		for _, p := range st.Parts {
			if p.Block != nil {
				each(p.Block.Statements, f)
			}
		}
	}
}

func (a *analysis) table() *verb.Table { return a.server.Language.Table }

// statementAt is the innermost statement at an offset, or nil.
func (a *analysis) statementAt(at int) (found *syntax.Statement) {
	each(a.tree.Statements, func(st *syntax.Statement) {
		if holds(st.Span, at) {
			found = st
		}
	})
	return found
}

// tokenAt is the word, string or sign at an offset.
func (a *analysis) tokenAt(at int) (syntax.Token, bool) {
	for _, t := range a.tree.Tokens {
		if holds(t.Span, at) && t.Kind != syntax.End && t.Kind != syntax.Comment && t.Span.Start < t.Span.End {
			return t, true
		}
	}
	return syntax.Token{}, false
}

// useStatements are the statements that bring in modules.
func (a *analysis) useStatements() []*eval.Use {
	var list []*eval.Use
	each(a.tree.Statements, func(st *syntax.Statement) {
		if a.table().Role(st.Verb()) != verb.RoleUse {
			return
		}
		if p, _ := a.table().Parse(st); p.Node != nil {
			if u, ok := p.Node.(*eval.Use); ok {
				list = append(list, u)
			}
		}
	})
	return list
}
