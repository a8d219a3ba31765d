package eval

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"nsl/lang/source"
	"nsl/lang/syntax"
)

func parsed(t rapid.TB, text string) Expr {
	t.Helper()
	tree := syntax.Split((&source.Set{}).Add("f", "let x = "+text))
	if len(tree.Diags) > 0 || len(tree.Statements) != 1 {
		t.Fatalf("%s: %v", text, tree.Diags)
	}
	e, d := Parse(tree.Statements[0].Head()[3:], source.Span{})
	if d != nil {
		t.Fatalf("%s: %v", text, d)
	}
	return e
}

// parens writes an expression with all its parentheses.
func parens(e Expr) string {
	switch e := e.(type) {
	case literal:
		return e.v.String()
	case variable:
		return "$" + e.name
	case unary:
		return "(" + e.op + " " + parens(e.x) + ")"
	case infix:
		return "(" + parens(e.x) + " " + e.op + " " + parens(e.y) + ")"
	case sequence:
		words := make([]string, len(e.items))
		for i, item := range e.items {
			words[i] = parens(item)
		}
		return "<" + strings.Join(words, " ") + ">"
	}
	return "?"
}

// levels are the operators from the loosest to the tightest, as docs/language.md
// has them; those of one level group from the left.
func levels() [][]string {
	return [][]string{{"or"}, {"and"}, {"not"}, {"==", "!=", "<", "<=", ">", ">=", "in"}, {"+", "-"}, {"*", "/", "%"}}
}

// grouped puts the parentheses in by another way than the parser: it cuts at the
// last of the loosest operators.
func grouped(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	for _, level := range levels() {
		for i := len(words) - 1; i >= 0; i-- {
			if !strings.Contains(" "+strings.Join(level, " ")+" ", " "+words[i]+" ") {
				continue
			}
			if words[i] == "not" {
				if i == 0 {
					return "(not " + grouped(words[1:]) + ")"
				}
				continue
			}
			return "(" + grouped(words[:i]) + " " + words[i] + " " + grouped(words[i+1:]) + ")"
		}
	}
	return "?"
}

// TestPrecedence holds the parser to the table of operators, and an expression
// with all its parentheses to the one without.
func TestPrecedence(t *testing.T) {
	binary := []string{"or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"}
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		for i := range rapid.IntRange(1, 8).Draw(t, "operands") {
			last := ""
			if i > 0 {
				last = rapid.SampledFrom(binary).Draw(t, "operator")
				words = append(words, last)
			}
			if (last == "" || last == "and" || last == "or") && rapid.Bool().Draw(t, "not") {
				words = append(words, "not")
			}
			words = append(words, rapid.SampledFrom([]string{"1", "$a", "b", "10ms", "10.0.0.0/8"}).Draw(t, "operand"))
		}
		text := strings.Join(words, " ")
		e := parsed(t, text)
		full := parens(e)
		if want := grouped(words); full != want {
			t.Fatalf("%s\n is read as %s\nand means   %s", text, full, want)
		}
		if again := parens(parsed(t, full)); again != full {
			t.Fatalf("%s is read as %s", full, again)
		}
	})
}

func TestGrouping(t *testing.T) {
	for text, want := range map[string]string{
		"1 - 2 - 3": "((1 - 2) - 3)", "8 / 4 / 2": "((8 / 4) / 2)", "- 1 + 2": "((- 1) + 2)", "- 2 * 3": "((- 2) * 3)", "2 - - 3": "(2 - (- 3))",
		"not $a == $b": "(not ($a == $b))", "not $a and $b": "((not $a) and $b)", "not not $a": "(not (not $a))", "(1 + 2) * 3": "((1 + 2) * 3)",
		"<1 (2 + 3) <4>>": "<1 (2 + 3) <4>>", "1 in <1 2> and $b": "((1 in <1 2>) and $b)", "((1))": "1", "-$a": "?", "1 < 2 == true": "((1 < 2) == true)",
	} {
		if got := parens(parsed(t, text)); got != want {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
}
