// Package labs holds no code: its test runs every lab, and takes each of its
// steps away to see that an expectation notices.
package labs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// nsl is the program under test: the one that NSL_BINARY names, for a user who
// has no Go, or one built here.
func nsl(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("NSL_BINARY"); bin != "" {
		requireSandbox(t, bin)
		return bin
	}
	bin := filepath.Join(t.TempDir(), "nsl")
	build := exec.Command("go", "build", "-o", bin, "nsl/cmd/nsl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	requireSandbox(t, bin)
	return bin
}

func requireSandbox(t *testing.T, bin string) {
	t.Helper()
	out, code := run(t, bin, "ns red\n")
	switch {
	case code == 0:
	case strings.Contains(os.Getenv("NSL_REQUIRE"), "netns"):
		t.Fatalf("no lab runs here: %s", out)
	default:
		t.Skipf("no lab runs here: %s", out)
	}
}

// run runs a script from standard input.
func run(t *testing.T, bin, script string, flags ...string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, bin, append([]string{"run", "-"}, flags...)...)
	c.Stdin = strings.NewReader(script)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
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
		got, list := format.Source((&source.Set{}).Add(name, text))
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
	bin := nsl(t)
	for name, text := range labs(t) {
		tree := syntax.Split((&source.Set{}).Add(name, text))
		for _, st := range steps(tree.Statements) {
			start, end := st.Span.Start-tree.File.Base, st.Span.End-tree.File.Base
			t.Run(name+"/"+text[start:end], func(t *testing.T) {
				t.Parallel()
				if out, code := run(t, bin, text[:start]+text[end:]); code == 0 {
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
		asks := slices.Contains([]string{"expect", "show", "print", "test"}, st.Verb().Text)
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
	bin := nsl(t)
	texts := labs(t)
	for name, sizes := range map[string][]string{
		"ring.nsl":     {"5", "8", "25"},
		"students.nsl": {"2", "50"},
	} {
		for _, n := range sizes {
			t.Run(name+"/"+n, func(t *testing.T) {
				t.Parallel()
				if out, code := run(t, bin, texts[name], "--set", "n="+n); code != 0 {
					t.Errorf("exit code %d\n%s", code, out)
				}
			})
		}
	}
}
