package labtest

import (
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib"
)

// Statements are those of the list and of their blocks, in the order of the text.
func Statements(list []*syntax.Statement) []*syntax.Statement {
	var all []*syntax.Statement
	for _, st := range list {
		all = append(all, st)
		for _, part := range st.Parts {
			if part.Block != nil {
				all = append(all, Statements(part.Block.Statements)...)
			}
		}
	}
	return all
}

// StopAtFirst is a script with require for every expect: it ends with the first
// expectation that does not hold, as nothing more is to be learnt from the others.
func StopAtFirst(script string) string {
	table := stdlib.Table()
	tree := table.Split((&source.Set{}).Add("lab.nsl", script))
	text, at := "", 0
	for _, st := range Statements(tree.Statements) {
		if word := st.Verb(); table.Role(word) == verb.RoleExpect {
			text += script[at:word.Span.Start-tree.File.Base] + "require"
			at = word.Span.End - tree.File.Base
		}
	}
	return text + script[at:]
}
