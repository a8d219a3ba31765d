package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// lexHolds checks everything that is true of the tokens of any text.
func lexHolds(t *testing.T, text string) {
	set := &source.Set{}
	set.Add("before", "ns x")
	f := set.Add("f", text)
	lexed := Lex(f)
	at := f.Base
	for _, tok := range lexed.Tokens {
		if tok.Span.Start < at || tok.Span.End <= tok.Span.Start || tok.Span.End > f.Span().End {
			t.Fatalf("%q: %v is not after %d, or empty, or outside the file", text, tok, at)
		}
		if tok.Text != set.Text(tok.Span) || tok.Kind < Word || tok.Kind > Bad {
			t.Fatalf("%q: %v is not %q", text, tok, set.Text(tok.Span))
		}
		gap(t, text, set.Text(source.Span{Start: at, End: tok.Span.Start}))
		at = tok.Span.End
		if tok.Kind == Bad && !explained(lexed.Diags, tok) {
			t.Fatalf("%q: no finding for the bad token %q", text, tok.Text)
		}
	}
	gap(t, text, set.Text(source.Span{Start: at, End: f.Span().End}))
	for _, d := range lexed.Diags {
		s := d.Subject
		if s.Start < f.Base || s.End > f.Span().End || s.End < s.Start || d.Summary == "" || d.Help == "" || d.Code == "" {
			t.Fatalf("%q: malformed finding %+v", text, d)
		}
	}
}

// gap checks that only blanks and continued lines are between tokens.
func gap(t *testing.T, text, between string) {
	between = strings.TrimPrefix(between, byteOrderMark)
	if strings.Trim(between, " \t\r\n\\") != "" {
		t.Fatalf("%q: %q was read over", text, between)
	}
}

func explained(diags diag.List, tok Token) bool {
	for _, d := range diags {
		if d.Subject.Start >= tok.Span.Start && d.Subject.Start < tok.Span.End {
			return true
		}
	}
	return false
}

func count(statements []*Statement, each func(*Statement)) {
	for _, s := range statements {
		each(s)
		for _, p := range s.Parts {
			if p.Block != nil {
				count(p.Block.Statements, each)
			}
		}
	}
}

// splitHolds checks everything that is true of the statements of any text.
func splitHolds(t *testing.T, text string) {
	set := &source.Set{}
	f := set.Add("f", text)
	tree := Split(f)
	inTree := 0
	at := f.Base
	count(tree.Statements, func(s *Statement) {
		if len(s.Parts) == 0 || len(s.Head()) == 0 {
			t.Fatalf("%q: a statement with no verb", text)
		}
		if s.Span.Start < at || s.Span.End > f.Span().End {
			t.Fatalf("%q: %v is before its neighbour, or outside the file", text, s.Span)
		}
		at = s.Span.Start
		_, _ = s.Verb(), s.Dynamic()
		for _, p := range s.Parts {
			inTree += len(p.Tokens)
			for _, tok := range p.Tokens {
				if tok.Kind == Bad && !s.Bad {
					t.Fatalf("%q: %v is not marked as bad", text, s.Span)
				}
			}
		}
	})
	inText := 0
	for _, tok := range tree.Tokens {
		switch tok.Kind {
		case End, Comment, BlockOpen, BlockClose:
		default:
			inText++
		}
	}
	lonely := 0
	for _, d := range tree.Diags {
		if d.Code == diag.LonelyBlock {
			lonely++ // its verb is made up
		}
	}
	if inTree != inText+lonely {
		t.Fatalf("%q: %d of %d tokens are in statements", text, inTree-lonely, inText)
	}
}

func seeds(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/split.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(string(file.Data))
	}
	labs, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range labs {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{"\uFEFFns x", "a\x00\xff", "<{(>})", "\"\"\"\\", "${\"}", "a < \\\n# b", "<a {", "(<)", "{<;"} {
		f.Add(text)
	}
}

func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(lexHolds)
}

func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(splitHolds)
}

// TestPrefixes holds that every beginning of a script without lexical errors
// has none either, or is open: so a prompt can always ask for more.
func TestPrefixes(t *testing.T) {
	piece := rapid.SampledFrom([]string{"ns", "red", "a-b", "->", "<->", "<red blue>", "<\nred # c\n>", "f(a, b)", `"a $x \" b"`,
		`'a "b'`, "\"\"\"\n a \\\" b\n\"\"\"", "${f({a}, \"}\")}", "# c\n", "\n", ";", "\\\n", "\\\r\n", "if $n > 1 { ns x }",
		"test \"x\" {\n ns y\n}\n", "loss < 1%", "rtt <= 5ms", "한글", " ", " "})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), " ")
		if whole := lex(text); len(whole.Diags) > 0 {
			t.Fatalf("%q: %v", text, whole.Diags)
		}
		for i := range text {
			if !utf8.RuneStart(text[i]) {
				continue
			}
			if got := lex(text[:i]); len(got.Diags) > 0 && !got.Open {
				t.Fatalf("%q of %q is not open: %v", text[:i], text, got.Diags)
			}
		}
	})
}
