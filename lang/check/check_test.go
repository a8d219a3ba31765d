package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// findings checks a script that may use modules.
func findings(table *verb.Table, name, text string, modules map[string]string) (*source.Set, diag.List) {
	set := &source.Set{}
	tree := table.Split(set.Add(filepath.Base(name), text))
	o := check.Options{Limits: eval.DefaultLimits(), Each: func(check.Step) {},
		Modules: labtest.Modules(table, set, modules)}
	return set, check.Walk(set, table, tree, model.New(), o)
}

func modules() map[string]string {
	return map[string]string{
		"lib":  "# Nodes.\ndef pair(a, b = other) {\n  ns $a $b\n}\nlet size = 3\n",
		"bad":  "def broken(x) {\n  ns $y\n}\n",
		"hand": "use lib\ndef h() { pair a; print $size }\n",
		"one":  "use two\ndef a() { b }\n",
		"two":  "use one\ndef b() { a }\n",
	}
}

// TestFindings checks the scripts in testdata. A guilty line ends with ###
// and, in quotes, a regular expression for each of its findings: it has to match
// the whole of `severity: summary [CODE] help`, lines joined by |, and the line
// numbers of related places at the end. Labs are parted by lines of ---.
func TestFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first := 0
		for _, lab := range regexp.MustCompile(`(?m)^---.*\n`).Split(string(text), -1) {
			compare(t, file, first, lab)
			first += strings.Count(lab, "\n") + 1
		}
	}
}

func compare(t *testing.T, file string, first int, lab string) {
	t.Helper()
	set, list := findings(stdlib.Table(), file, regexp.MustCompile(` *###.*`).ReplaceAllString(lab, ""), modules())
	found := map[int][]string{}
	for _, d := range list {
		line := set.Position(d.Subject.Start).Line
		found[line] = append(found[line], oneLine(set, d))
	}
	for i, text := range strings.Split(lab, "\n") {
		got := found[i+1]
		delete(found, i+1)
		for j, re := range wanted(t, text) {
			switch {
			case j >= len(got):
				t.Errorf("%s:%d: nothing found, want %s", file, first+i+1, re)
			case !regexp.MustCompile(`^(?:` + re + `)$`).MatchString(got[j]):
				t.Errorf("%s:%d:\n got %s\nwant %s", file, first+i+1, got[j], re)
			}
		}
		for _, more := range got[min(len(wanted(t, text)), len(got)):] {
			t.Errorf("%s:%d: unexpected: %s", file, first+i+1, more)
		}
	}
	for line, left := range found {
		t.Errorf("%s:%d: %s", file, first+line, left)
	}
}

func oneLine(set *source.Set, d *diag.Diagnostic) string {
	text := d.Severity.String() + ": " + d.Summary + " [" + string(d.Code) + "]"
	if d.Help != "" {
		text += " " + strings.ReplaceAll(d.Help, "\n", "|")
	}
	for _, r := range d.Related {
		text += " @" + strconv.Itoa(set.Position(r.Span.Start).Line)
	}
	return text
}

// wanted are the regular expressions after ### on a line.
func wanted(t *testing.T, text string) []string {
	t.Helper()
	_, rest, _ := strings.Cut(text, "###")
	var list []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		re, _ := strconv.Unquote(quoted)
		list = append(list, re)
		rest = rest[len(quoted):]
	}
	return list
}

// TestNothingIsWrong holds that the checker has nothing to say about what is right:
// the labs, the library and every example of the documentation.
func TestNothingIsWrong(t *testing.T) {
	texts := map[string]string{}
	lib := map[string]string{}
	for _, pattern := range []string{"../../scripts/labs/*.nsl", "../../stdlib/std/*.nsl"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 5 {
			t.Fatalf("only %d of %s: %v", len(files), pattern, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			texts[f] = string(b)
			lib["std/"+strings.TrimSuffix(filepath.Base(f), ".nsl")] = string(b)
		}
	}
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		for i, e := range v.Examples {
			texts[v.Name+" "+strconv.Itoa(i)] = e.Code
		}
	}
	for _, e := range documented(t) {
		texts[e] = e
	}
	for name, text := range texts {
		set, list := findings(stdlib.Table(), name, text, lib)
		for _, d := range list {
			t.Errorf("%s: %s\n%s", name, oneLine(set, d), text)
		}
	}
}

// documented are the examples of the pages and of the library's comments.
func documented(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("only %d pages: %v", len(pages), err)
	}
	std, _ := filepath.Glob("../../stdlib/std/*.nsl")
	var list []string
	for _, p := range append(append(pages, "../../README.md"), std...) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if strings.HasSuffix(p, ".nsl") {
			text = regexp.MustCompile("(?m)^# ?").ReplaceAllString(text, "")
		}
		for _, m := range regexp.MustCompile("(?ms)^```nsl run\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
	}
	if len(list) < 10 {
		t.Fatalf("only %d examples", len(list))
	}
	return list
}
