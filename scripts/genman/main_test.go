package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files are the contents of a directory's files by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		m[name] = string(text)
	}
	return m
}

func TestPagesAndCompletionsAreFresh(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	want := files(t, dir)
	if len(want) < 10 {
		t.Errorf("only %d files", len(want))
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if d := cmp.Diff(string(got), text); err != nil || d != "" {
			t.Errorf("docs/%s is stale; renew it with: make generate\n%v %s", name, err, d)
		}
	}
	for _, sub := range []string{"man", "completion"} {
		for name := range files(t, filepath.Join("..", "..", "docs")) {
			if filepath.Dir(name) == sub && want[name] == "" {
				t.Errorf("docs/%s belongs to no command; make generate takes it away", name)
			}
		}
	}
}

func TestTextIsReadAsItStands(t *testing.T) {
	for text, want := range map[string]string{
		"a *.nsl of <A B>":            `a \*.nsl of \<A B>`,
		"One.\n\n  ns red\n  ns blue": "One.\n\n```\nns red\nns blue\n```\n",
		"One:\n  ns red\n\nTwo.\n":    "One:\n```\nns red\n\n```\nTwo.\n",
	} {
		if d := cmp.Diff(want, paragraphs(text)); d != "" {
			t.Error(d)
		}
	}
}
