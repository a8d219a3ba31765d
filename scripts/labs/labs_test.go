// Package labs holds no code: its test runs every lab, and takes each of its
// steps away to see that an expectation notices.
package labs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

var program labtest.Program

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(program.Main(m))
}

// nsl is the program, on a machine where it can run labs.
func nsl(t *testing.T) string {
	t.Helper()
	program.NeedLabs(t)
	return program.Path(t)
}

func labs(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.nsl")
	if err != nil || len(files) < 10 {
		t.Fatalf("only %d labs: %v", len(files), err)
	}
	texts := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[f] = string(b)
	}
	return texts
}

func TestLabsAreInTheirCanonicalForm(t *testing.T) {
	for name, text := range labs(t) {
		got, list := format.Source((&source.Set{}).Add(name, text), stdlib.Table())
		if len(list) > 0 {
			t.Errorf("%s: %v", name, list)
		}
		if got != text {
			t.Errorf("%s: nsl fmt -w changes it:\n%s", name, format.Diff(name, text, got))
		}
	}
}

// A step that can be left out unnoticed teaches nothing.
func TestEachStepOfALabIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every lab once for each of its statements")
	}
	program.NeedLabs(t)
	for name, text := range labs(t) {
		tree := stdlib.Table().Split((&source.Set{}).Add(name, text))
		for _, st := range steps(tree.Statements) {
			start, end := st.Span.Start-tree.File.Base, st.Span.End-tree.File.Base
			t.Run(name+"/"+text[start:end], func(t *testing.T) {
				t.Parallel()
				if out, code := program.Run(t, "", labtest.StopAtFirst(text[:start]+text[end:]), "run", "-"); code == 0 {
					labtest.NotSkipped(t, out)
					t.Errorf("still holds without %q:\n%s", text[start:end], out)
				}
			})
		}
	}
}

// steps are the statements that build or change something, and the loops that
// hold some, with those of their blocks.
func steps(list []*syntax.Statement) []*syntax.Statement {
	var all []*syntax.Statement
	for _, st := range list {
		var inner []*syntax.Statement
		hasBlock := false
		for _, part := range st.Parts {
			if part.Block != nil {
				hasBlock = true
				inner = append(inner, steps(part.Block.Statements)...)
			}
		}
		asks := slices.Contains([]string{"expect", "require", "show", "print", "test"}, st.Verb().Text)
		if !asks && (!hasBlock || len(inner) > 0) {
			all = append(all, st)
		}
		all = append(all, inner...)
	}
	return all
}

// A language has loops and functions so that a large network is a short script.
func TestLargeLabsAreShort(t *testing.T) {
	texts := labs(t)
	for _, name := range []string{"ring.nsl", "leaf-spine.nsl", "students.nsl"} {
		if n := strings.Count(texts[name], "\n"); n == 0 || n >= 15 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}

func TestLabsOfAnySize(t *testing.T) {
	program.NeedLabs(t)
	texts := labs(t)
	for name, sizes := range map[string][]string{
		"ring.nsl":     {"5", "8", "25"},
		"students.nsl": {"2", "50"},
	} {
		for _, n := range sizes {
			t.Run(name+"/"+n, func(t *testing.T) {
				t.Parallel()
				if out, code := program.Run(t, "", texts[name], "run", "-", "--set", "n="+n); code != 0 {
					t.Errorf("exit code %d\n%s", code, out)
				}
			})
		}
	}
}
