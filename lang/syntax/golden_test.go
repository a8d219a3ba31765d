package syntax

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nsl/lang/diag"
	"nsl/lang/source"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// outline are the statements of a block, one a line; bad ones are marked.
func outline(b *strings.Builder, statements []*Statement, indent string) {
	for _, s := range statements {
		b.WriteString(indent)
		if s.Bad {
			b.WriteString("BAD ")
		}
		for i, p := range s.Parts {
			if i > 0 {
				b.WriteString(indent)
			}
			b.WriteString(spell(p.Tokens) + "\n")
			if p.Block != nil {
				outline(b, p.Block.Statements, indent+"  ")
			}
		}
	}
}

// TestGolden holds the statements and findings of every "NAME.nsl" of
// testdata against "NAME.want".
func TestGolden(t *testing.T) {
	const path = "testdata/split.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		in, want := archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(in.Name, ".nsl")
		if want.Name != name+".want" {
			t.Fatalf("%s: %q and %q are no pair", path, in.Name, want.Name)
		}
		t.Run(name, func(t *testing.T) {
			set := &source.Set{}
			tree := Split(set.Add(in.Name, strings.TrimSuffix(string(in.Data), "\n")))
			var b strings.Builder
			outline(&b, tree.Statements, "")
			if tree.Open {
				b.WriteString("(open)\n")
			}
			for _, d := range tree.Diags {
				b.WriteString(diag.Text{Set: set}.Format(d))
			}
			if *update {
				want.Data = []byte(b.String())
			}
			if d := cmp.Diff(string(want.Data), b.String()); d != "" {
				t.Error(d)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOddBytes are texts that testdata cannot hold.
func TestOddBytes(t *testing.T) {
	for _, c := range []struct{ text, place, want string }{
		{"ns a\x01b\nns c", "1:5", "byte 0x01 is no text"},
		{"ns a\nns b\x00", "2:5", "byte 0x00 is no text"},
		{"ns \xff\nns c", "1:4", "byte 0xff is no text"},
		{"ns \xc3\nns c", "1:4", "byte 0xc3 is no text"},
		{"ns b\x7f\nns c", "1:5", "byte 0x7f is no text"},
		{"ns '\x1b[31m'\nns c", "1:5", "byte 0x1b is no text"},
		{"ns \"a\x00\"\nns c", "1:6", "byte 0x00 is no text"},
		{"ns \"\"\"\n\x00\"\"\"", "2:1", "byte 0x00 is no text"},
		{"ns ${a\x00}\nns c", "1:7", "byte 0x00 is no text"},
		{"ns\u00A0red\nns c", "1:3", "invisible character (U+00A0)"},
		{"ns re\u200Bd\nns c", "1:6", "invisible character (U+200B)"},
		{"ns x\n\uFEFFns red", "2:1", "invisible character (U+FEFF)"},
	} {
		set := &source.Set{}
		tree := Split(set.Add("f", c.text))
		if len(tree.Diags) != 1 || len(tree.Statements) != strings.Count(c.text, "ns") {
			t.Errorf("%q: %d statements and %v", c.text, len(tree.Statements), tree.Diags)
			continue
		}
		d := tree.Diags[0]
		if place := strings.TrimPrefix(diag.Place(set, d.Subject), "f:"); d.Summary != c.want || place != c.place {
			t.Errorf("%q: %s: %s, want %s: %s", c.text, place, d.Summary, c.place, c.want)
		}
		if d.Code != diag.OddByte || d.Help == "" {
			t.Errorf("%q: code %s, help %q", c.text, d.Code, d.Help)
		}
	}
}

// TestOneBadLine puts each mistake between good lines: they stay statements.
func TestOneBadLine(t *testing.T) {
	for _, bad := range []string{"ns x <", "ns <a b", "ns <a <b> c", "f(a", "f(<a)", "ns a >= )", `ns "a`, `ns 'a`, "ns ${a", `ns "${a`,
		"ns \x01", "ns }", "ns <a; x", "if (x { ns y }", `print "a\`, "ns “a”", strings.Repeat("<", 1000), strings.Repeat("(", 1000)} {
		text := "ns before\ntest \"t\" {\n  ns inner\n  " + bad + "\n  ns next\n}\nns after\n"
		if bad == "ns }" { // it closes the block: what follows is outside
			text = "ns before\n" + bad + "\nns next\nns inner\nns after\n"
		}
		set := &source.Set{}
		tree := Split(set.Add("f", text))
		var b strings.Builder
		outline(&b, tree.Statements, "")
		for _, want := range []string{"ns before", "ns inner", "ns next", "ns after"} {
			if !strings.Contains(b.String()+"\n", want+"\n") && !strings.Contains(b.String(), want+" ⏎") {
				t.Errorf("%.20q: no statement %q in\n%.300s", bad, want, b.String())
			}
		}
		line := 4
		if bad == "ns }" {
			line = 2
		}
		if len(tree.Diags) == 0 {
			t.Errorf("%.20q: no finding", bad)
		}
		for _, d := range tree.Diags {
			if p := set.Position(d.Subject.Start); p.Line != line {
				t.Errorf("%.20q: line %d: %s", bad, p.Line, d.Summary)
			}
		}
	}
}

// TestManyUnclosed holds that a file full of the same mistake is still reported.
func TestManyUnclosed(t *testing.T) {
	set := &source.Set{}
	tree := Split(set.Add("f", strings.Repeat("expect ping a -> b loss <1%\n", 1000)))
	if n := len(tree.Diags); n < maxRecoveries || n > 2*maxRecoveries {
		t.Errorf("%d findings", n)
	}
	for i, d := range tree.Diags[:maxRecoveries] {
		if got, want := diag.Place(set, d.Subject), fmt.Sprintf("f:%d:25", i+1); got != want {
			t.Errorf("finding %d is at %s, want %s", i, got, want)
		}
	}
}

// TestDeep holds that nesting has a limit, and just below it has none.
func TestDeep(t *testing.T) {
	nested := func(open, inner, closer string, n int) string {
		return "x " + strings.Repeat(open, n) + inner + strings.Repeat(closer, n) + "\nns after\n"
	}
	for _, pair := range [][2]string{{"<", ">"}, {"(", ")"}, {"x {", "}"}} {
		if got := lex(nested(pair[0], "a", pair[1], maxNesting)); len(got.Diags) > 0 {
			t.Errorf("%d times %s: %v", maxNesting, pair[0], got.Diags)
		}
		got := lex(nested(pair[0], "a", pair[1], maxNesting+1))
		if len(got.Diags) != 1 || got.Diags[0].Code != diag.TooDeep {
			t.Errorf("%d times %s: %v", maxNesting+1, pair[0], got.Diags)
		}
	}
}
