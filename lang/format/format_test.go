package format

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

var update = flag.Bool("update", false, "write what is formatted into testdata")

func format(text string) (string, diag.List) {
	set := &source.Set{}
	return Source(set.Add("test.nsl", text), programs{})
}

// programs is a dialect with one statement that has a command line.
type programs struct{}

func (programs) Line(text string, _ bool) (int, bool) {
	if !strings.HasPrefix(text, "ip ") {
		return 0, false
	}
	line, _, _ := strings.Cut(text, "\n")
	return len(strings.TrimRight(line, " \r")), false
}

func (programs) Program(head []syntax.Token) bool { return head[0].Is("exec") && len(head) > 1 }

// TestGolden holds every "NAME in" of testdata against "NAME out".
func TestGolden(t *testing.T) {
	const path = "testdata/format.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		in, out := archive.Files[i], &archive.Files[i+1]
		name, found := strings.CutSuffix(in.Name, " in")
		if !found || out.Name != name+" out" {
			t.Fatalf("%s: %q and %q are no pair", path, in.Name, out.Name)
		}
		t.Run(name, func(t *testing.T) { golden(t, string(in.Data), out) })
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func golden(t *testing.T, in string, out *txtar.File) {
	got, diags := format(in)
	if len(diags) > 0 {
		t.Fatalf("refused: %v", diags)
	}
	if *update {
		out.Data = []byte(got)
	}
	if d := cmp.Diff(string(out.Data), got); d != "" {
		t.Error(d)
	}
	if again, _ := format(got); again != got {
		t.Errorf("formatted again it differs:\n%s", cmp.Diff(got, again))
	}
}

// TestLayout holds what a file of testdata cannot show.
func TestLayout(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"only blanks", " \t\r\n\n ;;\n", ""},
		{"no newline at the end", "ns red", "ns red\n"},
		{"newlines at both ends", "\n\n\nns red\n\n\n", "ns red\n"},
		{"CRLF", "ns red\r\n\r\n\r\n# c\r\nns blue # d\r\n", "ns red\n\n# c\nns blue  # d\n"},
		{"CRLF in a list", "bridge b <\r\n red\r\n>\r\n", "bridge b <\n  red\n>\n"},
		{"CRLF in a long string", "print \"\"\"\r\n  a\r\n\"\"\"\r\n", "print \"\"\"\n  a\n\"\"\"\n"},
		{"CRLF continued", "ns \\\r\nred\r\n", "ns \\\n    red\n"},
		{"blanks after a backslash", "ns \\ \t\nred\n", "ns \\\n    red\n"},
		{"backslash after nothing", "ns red \\\n\nns blue \\", "ns red\n\nns blue\n"},
		{"backslash after a word", "ns\\\nred", "ns \\\n    red\n"},
		{"byte order mark", "\uFEFF#!/usr/bin/env nsl\nns red\n", "#!/usr/bin/env nsl\nns red\n"},
		{"tabs and blanks at the end", "\tns\t\tred \t\n# c \t\n", "ns red\n# c\n"},
		{"dash before the end of a list", "bridge b <a- >", "bridge b <a- >\n"},
		{"compare at a backslash in parentheses", "let x = (a < \\\n b)", "let x = (a < b)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, diags := format(c.in)
			if len(diags) > 0 {
				t.Fatalf("refused: %v", diags)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, in := range []string{
		"ns  red <", "ns  red >= )", "test  {", "ns  }", `print  "a`, `print  'a`, `print  """a`,
		"ns  ${x", "ns  \x01", "ns  \xff", `print  "\q"`, "ns  my\\ files", "ns  “red”",
	} {
		got, diags := format(in)
		if got != in || !diags.HasErrors() {
			t.Errorf("%q: got %q and %v, want it unchanged and an error", in, got, diags)
		}
	}
}

func TestDiff(t *testing.T) {
	const before, after = "ns  red\nns blue\n", "ns red\nns blue\n"
	const want = `diff a.nsl a.nsl (formatted)
--- a.nsl
+++ a.nsl (formatted)
@@ -1,2 +1,2 @@
-ns  red
+ns red
 ns blue
`
	if d := cmp.Diff(want, Diff("a.nsl", before, after)); d != "" {
		t.Error(d)
	}
	if got := Diff("a.nsl", after, after); got != "" {
		t.Errorf("the same text gives %q", got)
	}
}
