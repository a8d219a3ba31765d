package doc_test

import (
	"encoding/json"
	"go/format"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is the root of the sources.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// workedExample is the verb of docs/contributing.md: its file, and its line in
// the list of verbs; and the file of a leaf type for it.
func workedExample(t *testing.T) (file, line, leaf string) {
	t.Helper()
	var blocks []string
	for _, f := range fences(t, "../../docs/contributing.md") {
		if f.kind == "go" {
			blocks = append(blocks, f.text)
		}
	}
	if len(blocks) != 3 || strings.Count(blocks[1], "\n") != 1 {
		t.Fatalf("the example is to be one file, one line and the file of a leaf, not %q", blocks)
	}
	for _, file := range []string{blocks[0], blocks[2]} {
		if formatted, err := format.Source([]byte(file)); err != nil || string(formatted) != file {
			t.Errorf("the example is not as gofmt has it: %v", err)
		}
	}
	return blocks[0], blocks[1], blocks[2]
}

// withVerb is an overlay for the go command that adds one file and one line to the
// sources, and more files by their names.
func withVerb(t *testing.T, file, line string, more map[string]string) (overlay string) {
	t.Helper()
	list := filepath.Join(repository(t), "stdlib", "stdlib.go")
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	const open = "return []*verb.Verb{\n"
	if strings.Count(string(b), open+"\t\tlinks.NS()") != 1 {
		t.Fatal("the list of verbs is not where it was")
	}
	dir := t.TempDir()
	replace := map[string]string{}
	files := map[string]string{"stdlib/routes/ttl.go": file, "stdlib/stdlib.go": strings.Replace(string(b), open, open+line, 1)}
	maps.Copy(files, more)
	for name, text := range files {
		copied := filepath.Join(dir, filepath.Base(name))
		replace[filepath.Join(repository(t), name)] = copied
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err = json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = repository(t)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// One new file and one line are all that a verb needs: the worked example of
// docs/contributing.md is added in that way, and everything knows it.
func TestAddingAVerbIsOneFileAndOneLine(t *testing.T) {
	program.NeedLabs(t)
	// make test-user runs compiled tests as somebody who has no Go.
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("builds nsl with one verb more: ", err)
	}
	file, line, _ := workedExample(t)
	overlay := withVerb(t, file, line, nil)
	bin := filepath.Join(t.TempDir(), "nsl")
	goCommand(t, "build", "-overlay", overlay, "-o", bin, "./cmd/nsl")
	for name, c := range map[string]struct {
		script, want string
		args         []string
		code         int
	}{
		"list of statements":   {args: []string{"help"}, want: "\n    ttl "},
		"help":                 {args: []string{"help", "ttl"}, want: "ttl NODE N"},
		"check: numbers":       {script: "ns red\nttl red 256\n", args: []string{"check", "-"}, code: 2, want: "a time to live is 1 to 255, not 256"},
		"check: names":         {script: "ns red\nttl rde 5\n", args: []string{"check", "-"}, code: 2, want: `did you mean "red"?`},
		"check: near misses":   {script: "ns red\ntlt red 5\n", args: []string{"check", "-"}, code: 2, want: `did you mean "ttl"?`},
		"check: missing words": {script: "ns red\nttl red\n", args: []string{"check", "-"}, code: 2, want: "usage: ttl NODE N"},
		"explain":              {script: "ns red\nttl red 5\n", args: []string{"explain", "-"}, want: "net.ipv4.ip_default_ttl=5"},
		"format":               {script: "ttl   red  5\n", args: []string{"fmt", "-"}, want: "ttl red 5\n"},
		"run": {script: "ns red\nfor i in 1..3 { ttl red $i }\nexpect sysctl red net.ipv4.ip_default_ttl=3\n" +
			"test \"undo\" { ttl red 9; expect sysctl red net.ipv4.ip_default_ttl=9 }\nexpect sysctl red net.ipv4.ip_default_ttl=3\n",
			args: []string{"run", "-"}, want: "ok  test"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(bin, c.args...)
			cmd.Stdin = strings.NewReader(c.script)
			out, _ := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != c.code || !strings.Contains(string(out), c.want) {
				t.Errorf("nsl %s: exit code %d, want %d and %q\n%s", strings.Join(c.args, " "), cmd.ProcessState.ExitCode(), c.code, c.want, out)
			}
		})
	}
	t.Run("page", func(t *testing.T) {
		dir := t.TempDir()
		goCommand(t, "run", "-overlay", overlay, "./scripts/gendoc", dir)
		if b, err := os.ReadFile(filepath.Join(dir, "verbs.md")); err != nil || !strings.Contains(string(b), "### `ttl`") {
			t.Errorf("docs/verbs.md does not have it: %v", err)
		}
	})
	t.Run("examples", func(t *testing.T) {
		out := goCommand(t, "test", "-overlay", overlay, "-count=1", "-v", "-run", "TestExamples.*/ttl/", "./stdlib")
		for _, test := range []string{"TestExamplesHold/ttl/1", "TestExamplesCanBeTakenBack/ttl/1"} {
			if !strings.Contains(out, "--- PASS: "+test) {
				t.Errorf("%s was not run:\n%s", test, out)
			}
		}
	})
}

// testOfTTL is what the leaf type of docs/contributing.md has to pass.
const testOfTTL = `package verb_test

import (
	"slices"
	"testing"

	"nsl/lang/complete"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/stdlib"
)

func TestTTL(t *testing.T) {
	a := complete.Complete(complete.Request{Table: stdlib.Table(), Text: "ttl red "})
	if want := []string{"128", "255", "64"}; !slices.Equal(a.Candidates, want) {
		t.Errorf("%q, want %q", a.Candidates, want)
	}
	tree := syntax.Split((&source.Set{}).Add("lab.nsl", "ttl red 256; ttl red 255"))
	_, list := stdlib.Table().Parse(tree.Statements[0])
	if len(list) != 1 || list[0].Summary != "a time to live is 1 to 255, not 256" || list[0].Help != "64 is usual" {
		t.Errorf("%v", list)
	}
	if _, list := stdlib.Table().Parse(tree.Statements[1]); len(list) > 0 {
		t.Errorf("%v", list)
	}
}
`

// One new file is all that a leaf type needs: that of docs/contributing.md says what
// is wrong with a word and what completes it.
func TestAddingALeafTypeIsOneFile(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("builds tests with one leaf type more: ", err)
	}
	file, line, leaf := workedExample(t)
	before, rest, _ := strings.Cut(file, "// Check finds")
	_, after, found := strings.Cut(rest, "// Plan writes")
	file = strings.NewReplacer("syntax.Int ", "syntax.TTL ", "\t\"nsl/lang/diag\"\n", "").Replace(before + "// Plan writes" + after)
	if !found || !strings.Contains(file, "syntax.TTL") {
		t.Fatal("the verb of the page has no Check, or no number")
	}
	overlay := withVerb(t, file, line, map[string]string{
		"lang/syntax/leaf_ttl.go": leaf, "lang/verb/ttl_test.go": testOfTTL})
	out := goCommand(t, "test", "-overlay", overlay, "-count=1", "-v", "-run", "TestTTL|TestEveryLeaf", "./lang/verb")
	for _, test := range []string{"TestTTL", "TestEveryLeafSaysWhatItIs"} {
		if !strings.Contains(out, "--- PASS: "+test) {
			t.Errorf("%s was not run:\n%s", test, out)
		}
	}
}
