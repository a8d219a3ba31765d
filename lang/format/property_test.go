package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"nsl/lang/source"
	"nsl/lang/syntax"
)

// testing.T and rapid.T
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// tokensOf are the tokens without the ends of statements, in a spelling that
// layout does not change.
func tokensOf(text string) []string {
	set := &source.Set{}
	var list []string
	end := -1 // of an argument
	for _, t := range syntax.LexAs(set.Add("", text), programs{}).Tokens {
		if t.Argument && t.Span.Start == end {
			list = append(list, "touching")
		}
		if end = -1; t.Argument {
			end = t.Span.End
		}
		switch t.Kind {
		case syntax.End:
		case syntax.Comment:
			list = append(list, "comment "+strings.TrimRight(t.Text, " \t\r"))
		default:
			list = append(list, strings.ReplaceAll(t.Text, "\r\n", "\n"))
		}
	}
	return list
}

// statementsOf are the statements as words, blocks included.
func statementsOf(text string) []string {
	set := &source.Set{}
	var list []string
	var walk func([]*syntax.Statement)
	walk = func(statements []*syntax.Statement) {
		for _, s := range statements {
			var words []string
			for _, p := range s.Parts {
				for _, t := range p.Tokens {
					words = append(words, t.Value())
				}
				if p.Block != nil {
					words = append(words, "{}")
				}
			}
			list = append(list, strings.Join(words, "\x00"))
			for _, p := range s.Parts {
				if p.Block != nil {
					walk(p.Block.Statements)
				}
			}
		}
	}
	walk(syntax.SplitAs(set.Add("", text), programs{}).Statements)
	return list
}

// holds checks everything that is true of formatting any text.
func holds(t failer, text string) {
	t.Helper()
	got, diags := format(text)
	if len(diags) > 0 {
		if got != text {
			t.Fatalf("refused, but %q became %q", text, got)
		}
		return
	}
	if d := cmp.Diff(tokensOf(text), tokensOf(got)); d != "" {
		t.Fatalf("%q became %q:\n%s", text, got, d)
	}
	if d := cmp.Diff(statementsOf(text), statementsOf(got)); d != "" {
		t.Fatalf("%q became %q, of other statements:\n%s", text, got, d)
	}
	again, diags := format(got)
	if len(diags) > 0 || again != got {
		t.Fatalf("%q became %q and then %q (%v)", text, got, again, diags)
	}
	if !strings.Contains(text, `"""`) {
		tidy(t, got)
	}
}

// tidy checks the layout of a text with no string of several lines.
func tidy(t failer, got string) {
	t.Helper()
	for _, bad := range []string{"\n\n\n", " \n", "\t\n", "\n\n}"} {
		if strings.Contains("\n"+got, bad) {
			t.Fatalf("%q holds %q", got, bad)
		}
	}
	if got != "" && (!strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") || got[0] == '\n') {
		t.Fatalf("%q begins or ends untidily", got)
	}
}

// pick draws one of the words.
func pick(words ...string) *rapid.Generator[string] { return rapid.SampledFrom(words) }

var (
	blank = pick("", " ", "  ", "\t", " \\\n", "\\\r\n\t")
	atom  = pick("ns", "exec", "\nexec red", "red", "a-", "-b", "v-net-0", "10.0.0.1/24", "$x", "${x + {1}}", "=1", "a#b", "*", "else",
		`"a  b"`, `'# no comment'`, `"\"{<"`, "\"\"\"\n  x\n\n\n y\"\"\"", "{", "}", "<", ">", "(", ")", ",",
		"->", "<->", "<=", ">=", " < ", " > ", "§", "한글")
	ending = pick("\n", "\n\n", "\n\n\n", ";", "\r\n", " # c\n", "#\r\n", "\n  # own\n", "; # c\n\n\n")
)

// TestAnySoup throws tokens and layout together in any order.
func TestAnySoup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.OneOf(atom, blank, atom, blank, ending), 0, 30).Draw(t, "pieces")
		holds(t, strings.Join(pieces, ""))
	})
}

// script draws a script with no lexical errors and every kind of layout.
func script(t *rapid.T, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(0, 4).Draw(t, "statements") {
		b.WriteString(statement(t, depth) + ending.Draw(t, "ending"))
	}
	return b.String()
}

func statement(t *rapid.T, depth int) string {
	text := pick("ns", "link", "bridge", "if", "frobnicate", "# own\nns").Draw(t, "verb")
	for range rapid.IntRange(0, 4).Draw(t, "words") {
		text += " " + blank.Draw(t, "blank") + argument(t, depth)
	}
	if depth > 0 && rapid.Bool().Draw(t, "block") {
		text += blank.Draw(t, "blank") + "{" + blank.Draw(t, "blank") + script(t, depth-1) + "}"
		if rapid.Bool().Draw(t, "else") {
			text += " else {" + script(t, depth-1) + "}"
		}
	}
	return text
}

func argument(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "kind") > 0 {
		return pick("red", "red:eth0", "a-", "$x", "10.0.0.0/8", `"a b"`, `'x'`, "->", "<->", "<=", "< 1%", "> 2",
			"\"\"\"\n x\n\"\"\"").Draw(t, "word")
	}
	brackets := pick("<>", "()", "f()").Draw(t, "brackets")
	opener, closer := brackets[:len(brackets)-1], brackets[len(brackets)-1:]
	text := opener
	for i := range rapid.IntRange(0, 4).Draw(t, "items") {
		if i > 0 {
			text += pick(" ", ",", " , ", "\n", "\n\n\n", " # c\n", "\n# own\n\n").Draw(t, "between")
		}
		item := argument(t, depth-1)
		if i == 0 {
			item = strings.TrimLeft(item, "-><=")
		}
		text += item
	}
	if strings.HasSuffix(text, "-") {
		text += " " // "->" is an arrow
	}
	return text + pick("", "\n", " # last\n").Draw(t, "end") + closer
}

// TestScripts formats scripts that have no lexical errors: none is refused.
func TestScripts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := script(t, 3)
		if _, diags := format(text); len(diags) > 0 {
			t.Fatalf("%q is refused: %v", text, diags)
		}
		holds(t, text)
		if got, _ := format(text); strings.Contains(got, "{\n\n") {
			t.Fatalf("%q begins a block with an empty line", got)
		}
	})
}

func FuzzFormat(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/format.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(string(file.Data))
	}
	for _, path := range labs(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) { holds(t, text) })
}

func labs(t testing.TB) []string {
	paths, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func BenchmarkSource(b *testing.B) {
	set := &source.Set{}
	f := set.Add("", strings.Repeat("link red<->blue 10.0.0.1/24 # cable\nif $a { ns b; ns c }\n", 10000))
	b.SetBytes(int64(len(f.Text)))
	for b.Loop() {
		if _, diags := Source(f, programs{}); len(diags) > 0 {
			b.Fatal(diags)
		}
	}
}
