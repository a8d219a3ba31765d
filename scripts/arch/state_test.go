package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A package-level variable is a table or a sentinel error here: whoever writes
// to one makes state that two labs in one process, or two tests, would share.
func TestNoPackageKeepsState(t *testing.T) {
	t.Chdir("../..")
	files := token.NewFileSet()
	for dir, sources := range parseSources(t, files) {
		for _, place := range writesToGlobals(sources) {
			t.Errorf("%s: %s writes to a variable of the package", files.Position(place), dir)
		}
	}
}

func TestWritesToGlobalsAreFound(t *testing.T) {
	const code = `package p
var table = map[string]int{"a": 1}
var count, other int
var list []int
var box struct{ n int }
func f(local int) {
	count++             // line 7
	table["b"] = 2      // line 8
	box.n += local      // line 9
	list = append(list) // line 10
	delete(table, "a")  // line 11
	p := &other         // line 12
	count := local
	count = *p
	local++
	_ = table["a"]
}
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, place := range writesToGlobals([]*ast.File{file}) {
		lines = append(lines, files.Position(place).Line)
	}
	if want := []int{7, 8, 9, 10, 11, 12}; !slices.Equal(lines, want) {
		t.Errorf("writes found on lines %v, want %v", lines, want)
	}
}

// parseSources gives the files of each directory, tests left out.
func parseSources(t *testing.T, files *token.FileSet) map[string][]*ast.File {
	t.Helper()
	sources := map[string][]*ast.File{}
	for _, top := range []string{"cmd", "lang", "runtime", "stdlib", "scripts"} {
		err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			sources[filepath.Dir(path)] = append(sources[filepath.Dir(path)], file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sources
}

// writesToGlobals finds the assignments to what the package declares at its
// top, or to a part of it, and the addresses taken of it.
func writesToGlobals(sources []*ast.File) []token.Pos {
	globals := map[string]bool{}
	for _, file := range sources {
		for name, object := range file.Scope.Objects {
			globals[name] = globals[name] || object.Kind == ast.Var
		}
	}
	var places []token.Pos
	for _, file := range sources {
		isGlobal := func(e ast.Expr) bool {
			name := root(e)
			// What the parser resolved inside the file is local, unless at its top.
			return name != nil && globals[name.Name] && (name.Obj == nil || file.Scope.Lookup(name.Name) == name.Obj)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if slices.ContainsFunc(written(n), isGlobal) {
				places = append(places, n.Pos())
			}
			return true
		})
	}
	return places
}

// written is what a statement or expression changes, or lets others change.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") && len(n.Args) > 0 {
			return n.Args[:1]
		}
	}
	return nil
}

// root is the variable that an expression is a part of: x in x.f[i].
func root(e ast.Expr) *ast.Ident {
	for {
		switch part := e.(type) {
		case *ast.Ident:
			return part
		case *ast.IndexExpr:
			e = part.X
		case *ast.SelectorExpr:
			e = part.X
		case *ast.ParenExpr:
			e = part.X
		case *ast.StarExpr:
			e = part.X
		default:
			return nil
		}
	}
}

// What packages compute before main, each process of a run computes: three for each script.
func TestNothingIsCompiledAtStart(t *testing.T) {
	t.Chdir("../..")
	files := token.NewFileSet()
	for dir, sources := range parseSources(t, files) {
		if strings.HasPrefix(dir, "scripts") {
			continue // not in nsl
		}
		for _, place := range compiledAtStart(sources) {
			t.Errorf("%s: %s compiles an expression before main: use sync.OnceValue", files.Position(place), dir)
		}
	}
}

func TestCompiledAtStartIsFound(t *testing.T) {
	const code = `package p
var a = regexp.MustCompile("a")                                                    // line 2
var b = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("b") })
var c = []*regexp.Regexp{regexp.MustCompile("c")}                                  // line 4
func f() { var d = regexp.MustCompile("d") }
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, place := range compiledAtStart([]*ast.File{file}) {
		lines = append(lines, files.Position(place).Line)
	}
	if want := []int{2, 4}; !slices.Equal(lines, want) {
		t.Errorf("found on lines %v, want %v", lines, want)
	}
}

// compiledAtStart finds the regular expressions that variables of the package compile.
func compiledAtStart(sources []*ast.File) (places []token.Pos) {
	for _, file := range sources {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				return false
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "MustCompile" {
					places = append(places, n.Pos())
				}
			}
			return true
		})
	}
	return places
}
