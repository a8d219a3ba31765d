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

	"nsl/runtime/labtest"
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

// worked is what docs/contributing.md adds to nsl: files, and lines of the list in
// stdlib/stdlib.go.
type worked struct{ verb, verbLine, probe, probeLine, leaf string }

func workedExamples(t *testing.T) worked {
	t.Helper()
	var blocks []string
	for _, f := range fences(t, "../../docs/contributing.md") {
		if f.kind == "go" {
			blocks = append(blocks, f.text)
		}
	}
	if len(blocks) != 5 {
		t.Fatalf("the page is to have a verb, a probe, the line of each, and a leaf, not %q", blocks)
	}
	w := worked{verb: blocks[0], verbLine: blocks[1], probe: blocks[2], probeLine: blocks[3], leaf: blocks[4]}
	for _, file := range []string{w.verb, w.probe, w.leaf} {
		if formatted, err := format.Source([]byte(file)); err != nil || string(formatted) != file {
			t.Errorf("the example is not as gofmt has it: %v", err)
		}
	}
	return w
}

// list is the list of verbs and probes with a line more for each.
func (w worked) list(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository(t), "stdlib", "stdlib.go"))
	if err != nil {
		t.Fatal(err)
	}
	list := string(b)
	for first, line := range map[string]string{"\t\tlinks.NS(),\n": w.verbLine, "\t\tprobes.Ping(),\n": w.probeLine} {
		if strings.Count(list, first) != 1 || strings.Count(line, "\n") != 1 {
			t.Fatalf("%q is to come once, and %q to be one line", first, line)
		}
		list = strings.Replace(list, first, line+first, 1)
	}
	return list
}

// overlay is an overlay for the go command that adds the verb and the probe to the
// sources, and more files by their names.
func (w worked) overlay(t *testing.T, more map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	files := map[string]string{"stdlib/routes/ttl.go": w.verb, "stdlib/probes/hops.go": w.probe, "stdlib/stdlib.go": w.list(t)}
	maps.Copy(files, more)
	for name, text := range files {
		copied := filepath.Join(dir, filepath.Base(name))
		replace[filepath.Join(repository(t), name)] = copied
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
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

// One new file and one line are all that a verb or a probe needs: the worked
// examples of docs/contributing.md are added in that way, and everything knows them.
func TestAddingAVerbOrProbeIsOneFileAndOneLine(t *testing.T) {
	t.Parallel()
	program.NeedLabs(t)
	// make test-user runs compiled tests as a user who has no Go.
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("builds nsl with one verb more: ", err)
	}
	overlay := workedExamples(t).overlay(t, nil)
	bin := filepath.Join(t.TempDir(), "nsl")
	goCommand(t, "build", "-overlay", overlay, "-o", bin, "./cmd/nsl")
	for name, c := range map[string]struct {
		script, want string
		args         []string
		code         int
	}{
		"list of statements":   {args: []string{"help", "all"}, want: "\n    ttl "},
		"help":                 {args: []string{"help", "ttl"}, want: "ttl NODE N"},
		"help of a probe":      {args: []string{"help", "hops"}, want: "hops NODE N"},
		"check of a probe":     {script: "ns red\nexpect hops rde 64\n", args: []string{"check", "-"}, code: 2, want: `did you mean "red"?`},
		"probe: near misses":   {script: "ns red\nexpect hosp red 64\n", args: []string{"check", "-"}, code: 2, want: `did you mean "hops"?`},
		"probe: failure":       {script: "ns red\nttl red 5\nexpect hops red 5\nexpect hops red 64\n", args: []string{"run", "-"}, code: 1, want: "packets of red may cross 5"},
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
		if b, err := os.ReadFile(filepath.Join(dir, "verbs.md")); err != nil || !strings.Contains(string(b), "### `ttl`") || !strings.Contains(string(b), "### `expect hops`") {
			t.Errorf("docs/verbs.md does not have them: %v", err)
		}
	})
	t.Run("examples", func(t *testing.T) {
		labtest.Nightly(t) // it builds the tests of every verb
		out := goCommand(t, "test", "-overlay", overlay, "-count=1", "-v", "-run", "TestExamples.*/(ttl|hops)/", "./stdlib")
		for _, test := range []string{"TestExamplesHold/ttl/1", "TestExamplesCanBeTakenBack/ttl/1", "TestExamplesHold/hops/1"} {
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
	labtest.Nightly(t) // it builds everything that imports lang/syntax
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("builds tests with one leaf type more: ", err)
	}
	w := workedExamples(t)
	before, rest, _ := strings.Cut(w.verb, "// Check finds")
	_, after, found := strings.Cut(rest, "// Plan writes")
	w.verb = strings.NewReplacer("syntax.Int ", "syntax.TTL ", "\t\"nsl/lang/diag\"\n", "").Replace(before + "// Plan writes" + after)
	if !found || !strings.Contains(w.verb, "syntax.TTL") {
		t.Fatal("the verb of the page has no Check, or no number")
	}
	overlay := w.overlay(t, map[string]string{
		"lang/syntax/leaf_ttl.go": w.leaf, "lang/verb/ttl_test.go": testOfTTL})
	out := goCommand(t, "test", "-overlay", overlay, "-count=1", "-v", "-run", "TestTTL|TestEveryLeaf", "./lang/verb")
	for _, test := range []string{"TestTTL", "TestEveryLeafSaysWhatItIs"} {
		if !strings.Contains(out, "--- PASS: "+test) {
			t.Errorf("%s was not run:\n%s", test, out)
		}
	}
}
