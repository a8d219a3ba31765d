package diag

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// constants are the codes of codes.go and their names, in the order of the file.
func constants(t *testing.T) (codes []Code, names map[Code]string) {
	t.Helper()
	text, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	names = map[Code]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) +Code = "(NSL\d{3})"$`).FindAllStringSubmatch(string(text), -1) {
		codes = append(codes, Code(m[2]))
		names[Code(m[2])] = m[1]
	}
	if len(codes) < 100 || len(names) != len(codes) {
		t.Fatalf("codes.go has %d codes, %d of them different", len(codes), len(names))
	}
	return codes, names
}

func TestEachCodeHasItsPage(t *testing.T) {
	codes, names := constants(t)
	pages, err := filepath.Glob("codes/*")
	if err != nil || len(pages) != len(codes) {
		t.Errorf("%d pages for %d codes: %v", len(pages), len(codes), err)
	}
	rules := map[Code]Rule{}
	for _, r := range Rules() {
		rules[r.Code] = r
		if names[r.Code] == "" {
			t.Errorf("codes/%s.md explains a code that codes.go does not have", r.Code)
		}
	}
	for _, code := range codes {
		r := rules[code]
		if r.Name != names[code] {
			t.Errorf("codes/%s.md begins with %q; its first line is: # %s: TITLE", code, r.Name, names[code])
		}
		if r.Title == "" || strings.HasSuffix(r.Title, ".") {
			t.Errorf("codes/%s.md: the title %q is not a short phrase", code, r.Title)
		}
		if !strings.HasPrefix(r.Text, "**Why.** ") || !strings.Contains(r.Text, "\n\n**Fix.** ") {
			t.Errorf("codes/%s.md does not say **Why.** and then **Fix.**", code)
		}
		if !strings.Contains(r.Text, "\n\n**Example.**\n\n```") && !withoutExample()[code] {
			t.Errorf("codes/%s.md has no **Example.**", code)
		}
	}
}

// withoutExample are the codes that no short script or command produces.
func withoutExample() map[Code]bool {
	return map[Code]bool{
		TooDeep:       true, // a hundred brackets
		KernelRefused: true, // whatever nsl does not know
		Interrupted:   true, // a key
	}
}

func TestEachCodeIsUsed(t *testing.T) {
	codes, names := constants(t)
	used := map[string]bool{}
	for _, dir := range []string{"cmd", "lang", "runtime", "stdlib"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				markUses(file, used)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, code := range codes {
		if !used[names[code]] {
			t.Errorf("%s (%s) is not used: remove it from codes.go and its page, and note that the number is retired", code, names[code])
		}
	}
}

// markUses notes the names that a file takes from this package, and, in a file
// of this package, all names that it uses.
func markUses(file *ast.File, used map[string]bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			return false
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "diag" {
				used[n.Sel.Name] = true
			}
		case *ast.Ident:
			if file.Name.Name == "diag" {
				used[n.Name] = true
			}
		}
		return true
	})
}
