package lsp

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// functions are the statements that the text and its modules define, by their names.
func (a *analysis) functions() map[string]*eval.Function {
	list := map[string]*eval.Function{}
	modules := a.server.Language.ModulesAt(a.set, a.file.Name, a.server.open)
	for _, u := range a.useStatements() {
		if _, tree, err := modules.Module(a.file.Name, u.Target); err == nil {
			a.define(list, tree.Statements)
		}
	}
	a.define(list, a.tree.Statements)
	return list
}

func (a *analysis) define(list map[string]*eval.Function, statements []*syntax.Statement) {
	each(statements, func(st *syntax.Statement) {
		if a.table().Role(st.Verb()) != verb.RoleDef {
			return
		}
		if p, _ := a.table().Parse(st); p.Node != nil {
			if def, ok := p.Node.(*eval.Def); ok {
				list[def.Function.Name] = def.Function
			}
		}
	})
}
