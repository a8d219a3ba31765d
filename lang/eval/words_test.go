package eval_test

import (
	"net/netip"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// valueOf evaluates an expression as let has it; a failure gives its message.
func valueOf(t *testing.T, c *eval.Context, text string) (string, bool) {
	t.Helper()
	tree := syntax.Split((&source.Set{}).Add("test.nsl", "let x = "+text))
	if len(tree.Diags) > 0 {
		t.Fatal(tree.Diags)
	}
	e, d := eval.Parse(tree.Statements[0].Head()[3:], source.Span{})
	if d == nil {
		var v eval.Value
		if v, d = c.Eval(e); d == nil {
			return v.Kind() + " " + v.String(), true
		}
	}
	return d.Summary, false
}

func scopeOfWords() *eval.Context {
	c := &eval.Context{Scope: eval.NewScope(nil), Limits: eval.Limits{List: 50, Text: 200}}
	c.Scope.Set("n", eval.Int(3))
	c.Scope.Set("ab", eval.List{eval.Str("a"), eval.Str("b")})
	return c
}

func TestWordsWithListsInThem(t *testing.T) {
	for text, want := range map[string]string{
		"h${range(3)}":                "list <h1 h2 h3>",
		"$ab-$ab":                     "list <a-a a-b b-a b-b>",
		"$ab$n":                       "list <a3 b3>",
		"<x h${range(n)} y>":          "list <x h1 h2 h3 y>",
		"10.0.${range(2)}.1":          "list <10.0.1.1 10.0.2.1>",
		"h${range(0)}":                "list <>",
		`"to $ab"`:                    "text to <a b>",
		"h${1..3}":                    "list <h1 h2 h3>",
		`"${5} and ${10ms}"`:          "text 5 and 10ms",
		"x${5}${'y'}":                 "text x5y",
		"x$n":                         "text x3",
		"10.0.$n.0/24":                "prefix 10.0.3.0/24",
		"item($ab, 2)":                "text b",
		"item($ab, -2)":               "text a",
		"item(10.0.${range(2)}.1, 1)": "address 10.0.1.1",
	} {
		if got, ok := valueOf(t, scopeOfWords(), text); !ok || got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestWordsThatGrowTooLarge(t *testing.T) {
	for text, want := range map[string]string{
		"h${range(8)}${range(8)}":                                     "a list of 64 items: the limit is 50",
		`"$ab$ab$ab${join(range(50), "--")}${join(range(50), "--")}"`: "bytes: the limit is 200",
		"item($ab, 3)":   "item: there is no item 3 in a list of 2",
		"item($ab, 0)":   "item: there is no item 0 in a list of 2",
		"item($ab, -3)":  "item: there is no item -3 in a list of 2",
		"item(a, 1)":     `item: a list is wanted, not the text "a"`,
		"free(10.0.0.1)": "free: a subnet as 10.0.0.0/24 is wanted, not the address 10.0.0.1",
	} {
		if got, ok := valueOf(t, scopeOfWords(), text); ok || !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestFreeAddresses(t *testing.T) {
	c := scopeOfWords()
	if got, ok := valueOf(t, c, "free(10.0.0.0/24)"); !ok || got != "unknown value ?" {
		t.Errorf("with no lab: %s", got)
	}
	book := plan.NewBook()
	for _, a := range []string{"10.0.0.1/24", "10.0.0.2/24", "10.0.0.4/24", "10.1.0.1/30", "10.1.0.2/30", "fd00::1/64"} {
		book.Add(plan.AddrUse{Ref: plan.Ref{Node: "red", Link: "eth0"}, Addr: netip.MustParsePrefix(a)})
	}
	c.Book = func() (*plan.Book, error) { return book, nil }
	for text, want := range map[string]string{
		"free(10.0.0.0/24)": "address 10.0.0.3",
		"free(10.0.0.4/31)": "address 10.0.0.5",
		"free(10.1.0.0/30)": "free: 10.1.0.0/30 has no free address left",
		"free(fd00::/64)":   "address fd00::2",
	} {
		if got, _ := valueOf(t, c, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// problemOf is what is wrong with an expression, or nil.
func problemOf(t *testing.T, c *eval.Context, text string) *diag.Diagnostic {
	t.Helper()
	tree := syntax.Split((&source.Set{}).Add("test.nsl", "let x = "+text))
	e, d := eval.Parse(tree.Statements[0].Head()[3:], source.Span{})
	if d == nil {
		_, d = c.Eval(e)
	}
	return d
}
