package eval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// FuzzExpr evaluates any text as the value of a let. It ends with a value within
// the limits or with a finding inside the text, and the same way each time; and a
// value that is no text can be written into a script and read again.
func FuzzExpr(f *testing.F) {
	for _, text := range expressions(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := (&source.Set{}).Add("f", "let x = "+text)
		tree := syntax.Split(file)
		if len(tree.Diags) > 0 || len(tree.Statements) != 1 || len(tree.Statements[0].Head()) < 3 {
			return
		}
		v, d := evaluated(tree.Statements[0])
		if again, e := evaluated(tree.Statements[0]); (d == nil) != (e == nil) || d == nil && again.String() != v.String() {
			t.Fatalf("%q: %v (%v), and then %v (%v)", text, v, d, again, e)
		}
		if d != nil {
			expectSound(t, text, file, d)
			return
		}
		expectValue(t, text, v)
	})
}

func evaluated(st *syntax.Statement) (eval.Value, *diag.Diagnostic) {
	at := source.Span{Start: st.Span.End, End: st.Span.End}
	e, d := eval.Parse(st.Head()[3:], at)
	if d != nil {
		return nil, d
	}
	return fuzzContext().Eval(e)
}

const mostText, mostItems = 1 << 12, 200

func fuzzContext() *eval.Context {
	c := &eval.Context{Scope: eval.NewScope(nil), Limits: eval.Limits{List: mostItems, Text: mostText}, Args: []string{"7", "red"},
		Env:  func(name string) (string, bool) { return "10.0.0.1", name == "HOME" },
		Book: func() (*plan.Book, error) { return plan.NewBook(), nil }}
	for name, word := range map[string]string{"n": "3", "net": "10.0.0.0/24", "six": "fd00::/64", "d": "10ms", "s": "red", "r": "1gbit", "yes": "true"} {
		c.Scope.Set(name, eval.OfWord(word))
	}
	c.Scope.Set("ab", eval.List{eval.Str("a"), eval.Str("b")})
	return c
}

func expectSound(t *testing.T, text string, file *source.File, d *diag.Diagnostic) {
	t.Helper()
	if s := d.Subject; s.Start < file.Base || s.End > file.Span().End || s.End < s.Start {
		t.Fatalf("%q: %q is outside the text: %v", text, d.Summary, s)
	}
	for _, bad := range []string{"%!", "<nil>", "invalid Prefix", "invalid IP"} {
		if d.Summary == "" || strings.Contains(d.Summary, bad) && !strings.Contains(text, bad) {
			t.Fatalf("%q: %q", text, d.Summary)
		}
	}
}

func expectValue(t *testing.T, text string, v eval.Value) {
	t.Helper()
	items := []eval.Value{v}
	if list, ok := v.(eval.List); ok {
		items = list
	}
	if len(items) > mostItems {
		t.Fatalf("%q: a list of %d items", text, len(items))
	}
	for _, v := range items {
		word := v.String()
		if len(word) > mostText {
			t.Fatalf("%q: a text of %d bytes", text, len(word))
		}
		if _, isText := v.(eval.Str); isText || v == nil {
			continue
		}
		if again := eval.OfWord(word); again.Kind() != v.Kind() || again.String() != word {
			t.Fatalf("%q: the %s %s is read again as the %s %s", text, v.Kind(), word, again.Kind(), again)
		}
	}
}

// expressions are what follows the = of every let of the labs and the
// library, every ${…} in them, and some more.
func expressions(f *testing.F) []string {
	list := []string{"1 + 2 * -3", "$n % 2 == 0 and not $yes or 1 < 2", "<a $ab 1..3>", "h${range(3)}", `"a $s ${n + 1} \" ${join(ab, "}")}"`,
		"host($net, -1)", "subnet($six, 80, 3)", "prefixlen($net) >= 24", "contains($net, 10.0.0.5)", "$d + 5ms * 2", "$r / 3", "64kb - 1b", "10% + 2.5%",
		"free($net)", "item($ab, -1)", "len(한글)", "split(\"a,b\", \",\")", "replace(aXb, X, -)", "upper($s) in <RED BLUE>", "env(HOME, x)", "arg(2, y)",
		"10.0.0.255 + 1", "fe80::1 - 2", "9223372036854775807 + 1", "1 / 0", "((((1))))", "'$n'", "\"\"\"\n  a $n\n\"\"\"", "${'}'}", "-9223372036854775808 / -1",
		"1.5 * 1000000000000", "range(5, -5)", "10.$n.0.0/16", "1..$n"}
	paths, _ := filepath.Glob("../../scripts/labs/*.nsl")
	std, _ := filepath.Glob("../../stdlib/std/*.nsl")
	for _, path := range append(paths, std...) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if _, behind, ok := strings.Cut(line, "= "); ok {
				list = append(list, strings.TrimSpace(behind))
			}
			if i := strings.Index(line, "${"); i >= 0 {
				list = append(list, strings.TrimSpace(line[i:]))
			}
		}
	}
	return list
}
