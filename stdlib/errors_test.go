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
