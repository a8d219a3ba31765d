package labs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// question is an expectation of a lab: a statement, in a round of its loops.
type question struct {
	lab          string
	line, column int
	round        string
}

// mutant is a lab with something changed. What it says of questions after shifted
// in that line has to be moved back by shift columns.
type mutant struct {
	lab, text string
	line      int
	shift     int
}

// An expectation that holds whatever happens to the lab proves nothing: for each
// there has to be a mutant that turns it red. First every step is left out in turn;
// then, before each expectation that is left, the lab is spoilt on purpose.
func TestEachExpectationCanFail(t *testing.T) {
	labtest.Nightly(t) // it is about the labs: the program has many other tests
	bin := nsl(t)
	open := map[question]event{}
	events, _ := suite(t, bin, ".")
	for _, e := range events {
		if e.Type == "expect" && e.At == e.File {
			open[questionOf(e)] = e
		}
	}
	if len(open) < 70 {
		t.Fatalf("only %d expectations", len(open))
	}
	texts := labs(t)
	strike(t, bin, open, without(texts))
	t.Logf("%d are left after every step was left out", len(open))
	strike(t, bin, open, spoilt(t, texts, open))
	for q, e := range open {
		t.Errorf("%s:%d: nothing turns this red: %s %s", q.lab, q.line, e.Text, e.Reason)
	}
}

func questionOf(e event) question { return question{e.File, e.Line, e.Column, e.Reason} }

// strike runs the mutants and strikes off what one of them turned red.
func strike(t *testing.T, bin string, open map[question]event, mutants []mutant) {
	t.Helper()
	dir := t.TempDir()
	byFile := map[string]mutant{}
	for i, m := range mutants {
		name := fmt.Sprintf("%04d-%s", i, m.lab)
		byFile[name] = m
		if err := os.WriteFile(filepath.Join(dir, name), []byte(m.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	events, _ := suite(t, bin, dir, "-j", "4", "--timeout", "20s")
	for _, e := range events {
		m := byFile[e.File]
		q := questionOf(e)
		if q.lab = m.lab; e.Line == m.line {
			q.column -= m.shift
		}
		if e.Type == "expect" && e.Status == "failed" {
			delete(open, q)
		}
	}
}

// without leaves out each step, with blanks in its place.
func without(texts map[string]string) []mutant {
	var list []mutant
	for name, text := range texts {
		tree := stdlib.Table().Split((&source.Set{}).Add(name, text))
		for _, st := range steps(tree.Statements) {
			start, end := st.Span.Start-tree.File.Base, st.Span.End-tree.File.Base
			blank := strings.Map(func(r rune) rune {
				if r == '\n' {
					return r
				}
				return ' '
			}, text[start:end])
			list = append(list, mutant{lab: name, text: text[:start] + blank + text[end:]})
		}
	}
	return list
}

// spoilt puts a saboteur before each expectation.
func spoilt(t *testing.T, texts map[string]string, open map[question]event) []mutant {
	t.Helper()
	saboteur, err := os.ReadFile("testdata/sabotage.sh")
	if err != nil {
		t.Fatal(err)
	}
	var list []mutant
	seen := map[question]bool{}
	for q, e := range open {
		if q.round = ""; seen[q] {
			continue
		}
		seen[q] = true
		what, words := "break", strings.TrimPrefix(e.Text, "expect ")
		if e.Not {
			what, words = "satisfy", strings.TrimPrefix(words, "not ")
		}
		words, _, _ = strings.Cut(words, " within ")
		if strings.HasSuffix(words, " unreachable") {
			what, words = "satisfy", strings.TrimSuffix(words, " unreachable")
		}
		insert := fmt.Sprintf("exec host sh -c %s sabotage %s %s; ", quoted(saboteur), what, words) + service(texts[q.lab], e.Not, strings.Fields(words))
		text := texts[q.lab]
		at := offset(text, q.line, q.column)
		list = append(list, mutant{q.lab, text[:at] + insert + text[at:], q.line, len([]rune(insert))})
	}
	return list
}

// service is a statement that starts, or ends, what an expectation about services
// and programs looks for.
func service(text string, not bool, words []string) string {
	probe, node := words[0], words[1]
	last := words[len(words)-1]
	switch {
	case !not && probe == "process":
		// Another of the same name is there for what follows; it has another pid.
		return fmt.Sprintf("kill %[1]s %[2]s; spawn %[1]s %[2]s 600; ", node, words[2])
	case !not:
		return ""
	}
	switch probe {
	case "process":
		return "spawn " + node + " --pid-namespace " + words[2] + " 600; "
	case "listen":
		return "serve tcp " + node + "; "
	case "dns":
		// A name leads to one node: the one that the lab gives it to later.
		if later := regexp.MustCompile(`(?m)^name (\S+) ` + regexp.QuoteMeta(last) + `$`).FindStringSubmatch(text); later != nil {
			node = later[1]
		}
		return "name " + node + " " + last + "; "
	case "tcp":
		return "serve tcp " + node + last[strings.LastIndexByte(last, ':'):] + "; "
	case "http":
		port := "80"
		if _, p, ok := strings.Cut(strings.Trim(strings.TrimPrefix(last, "http://"), "/"), ":"); ok {
			port = p
		}
		return "serve http " + node + ":" + port + "; "
	}
	return ""
}

// quoted is a program as one word on one line.
func quoted(program []byte) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, `$`, `\$`).Replace(string(program)) + `"`
}

// offset is the place of a line and a column.
func offset(text string, line, column int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	return at + len(string([]rune(text[at:])[:column-1]))
}
