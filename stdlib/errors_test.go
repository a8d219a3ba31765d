package stdlib_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// TestErrors checks the scripts in testdata/errors. After a wrong line comes
// ### and, in quotes, a regular expression for each of its findings: it has to
// match the whole of `summary [CODE] help`, the lines of the help joined by |.
// A script may consist of several labs, parted by lines that begin with ---.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first := 0
			for _, lab := range regexp.MustCompile(`(?m)^---.*\n`).Split(string(text), -1) {
				checkLab(t, file, first, lab)
				first += strings.Count(lab, "\n") + 1
			}
		})
	}
}

// checkLab compares the findings of one lab with what follows its lines;
// first is the number of lines before it.
func checkLab(t *testing.T, file string, first int, lab string) {
	set := &source.Set{}
	tree := stdlib.Table().Split(set.Add(file, regexp.MustCompile(` *###.*`).ReplaceAllString(lab, "")))
	found := map[int][]string{}
	for _, d := range check.Tree(set, stdlib.Table(), tree, model.New()) {
		line := set.Position(d.Subject.Start).Line
		found[line] = append(found[line], oneLine(d))
	}
	for i, text := range strings.Split(lab, "\n") {
		matchLine(t, file, first+i+1, wanted(t, text), found[i+1])
		delete(found, i+1)
	}
	for line, left := range found {
		t.Errorf("%s:%d: %s", file, first+line, left)
	}
}

func oneLine(d *diag.Diagnostic) string {
	text := d.Summary + " [" + string(d.Code) + "]"
	if d.Help != "" {
		text += " " + strings.ReplaceAll(d.Help, "\n", "|")
	}
	return text
}

// wanted are the regular expressions after ### on a line.
func wanted(t *testing.T, text string) []string {
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

func matchLine(t *testing.T, file string, line int, want, got []string) {
	for i, re := range want {
		switch {
		case i >= len(got):
			t.Errorf("%s:%d: nothing found, want %s", file, line, re)
		case !regexp.MustCompile(`^(?:` + re + `)$`).MatchString(got[i]):
			t.Errorf("%s:%d:\n got %s\nwant %s", file, line, got[i], re)
		}
	}
	for _, more := range got[min(len(want), len(got)):] {
		t.Errorf("%s:%d: unexpected: %s", file, line, more)
	}
}

// TestProposalsAreRight: what a finding says was meant is right in the lab as it is there.
func TestProposalsAreRight(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.nsl")
	if err != nil {
		t.Fatal(err)
	}
	proposals := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, lab := range regexp.MustCompile(`(?m)^---.*\n`).Split(string(text), -1) {
			proposals += applyProposals(t, file, lab)
		}
	}
	if proposals < 300 {
		t.Errorf("only %d proposals", proposals)
	}
}

// applyProposals writes each statement that a lab's findings propose in the place of the wrong
// one, after the right lines before it.
func applyProposals(t *testing.T, file, lab string) (n int) {
	set := &source.Set{}
	lab = regexp.MustCompile(` *###.*`).ReplaceAllString(lab, "")
	f := set.Add(file, lab)
	lines, wrong := strings.Split(lab, "\n"), map[int]bool{}
	found := check.Tree(set, stdlib.Table(), stdlib.Table().Split(f), model.New())
	for _, d := range found {
		wrong[set.Position(d.Subject.Start).Line] = wrong[set.Position(d.Subject.Start).Line] || d.Severity != diag.Warning
	}
	for _, d := range found {
		line := set.Position(d.Subject.Start).Line
		whole := lines[line-1]
		fixed, ok := d.Applied(whole, strings.Index(lab, whole)+f.Base)
		if !strings.Contains(d.Help, "did you mean: ") || !ok || strings.Count(lab, whole) > 1 {
			continue
		}
		var before strings.Builder
		for i, l := range lines[:line-1] {
			if !wrong[i+1] {
				before.WriteString(l + "\n")
			}
		}
		n++
		again := &source.Set{}
		for _, e := range check.Tree(again, stdlib.Table(), stdlib.Table().Split(again.Add(file, before.String()+fixed+"\n")), model.New()) {
			if e.Severity != diag.Warning && e.Subject.Start >= len(before.String()) {
				t.Errorf("%s: %s: proposes %s: %s", file, whole, fixed, oneLine(e))
			}
		}
	}
	return n
}
