package arch

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"nsl/lang/verb"
	"nsl/stdlib"
)

// The table says what a statement is to a reader, as its role: a name that is
// compared with a literal is missed by the next verb that has the role.
func TestNoStatementIsKnownByItsName(t *testing.T) {
	t.Chdir("../..")
	files := token.NewFileSet()
	table := stdlib.Table()
	for dir, sources := range parseSources(t, files) {
		if strings.HasPrefix(dir, "scripts") || strings.HasPrefix(dir, "cmd") {
			continue // these names are those of reports and of subcommands
		}
		for _, file := range sources {
			ast.Inspect(file, func(n ast.Node) bool {
				for _, e := range compared(n) {
					if v := table.Verb(literal(e)); v != nil && v.Role != verb.NoRole {
						t.Errorf("%s: compares with %q; ask for its role", files.Position(n.Pos()), v.Name)
					}
				}
				return true
			})
		}
	}
}

// compared are the values that a comparison, or a call of Is, is about.
func compared(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			return []ast.Expr{n.X, n.Y}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Is" {
			return n.Args
		}
	}
	return nil
}

// literal is the text of a string literal, or "".
func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		text, _ := strconv.Unquote(lit.Value)
		return text
	}
	return ""
}
