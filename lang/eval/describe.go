package eval

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Module is what a module says of itself.
type Module struct {
	// Name is as use has it.
	Name string
	// Doc is the comment at its top that belongs to no function, without the signs.
	Doc string
	// Functions are its own, in their order.
	Functions []*Function
}

// Describe reads what a module says of itself; nothing is run.
func Describe(table *verb.Table, name string, tree *syntax.Tree) (Module, diag.List) {
	m := Module{Name: name, Doc: topComment(tree.File.Text)}
	list := append(diag.List{}, tree.Diags...)
	for _, st := range tree.Statements {
		p, found := table.Parse(st)
		list.Add(found...)
		if def, ok := p.Node.(*Def); ok {
			m.Functions = append(m.Functions, def.Function)
		}
	}
	return m, list
}

// topComment is the comment that a text begins with, if a blank line follows.
func topComment(text string) string {
	var doc []string
	for line := range strings.Lines(text) {
		words, isComment := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "#")
		switch {
		case strings.HasPrefix(words, "!") && len(doc) == 0:
		case isComment:
			doc = append(doc, strings.TrimPrefix(words, " "))
		case strings.TrimSpace(line) == "":
			return strings.Join(doc, "\n")
		default:
			return "" // it is the first statement's
		}
	}
	return strings.Join(doc, "\n")
}
