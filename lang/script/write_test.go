package script

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReplaceKeepsHardLinks(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.nsl")
	other := name + "-too"
	if err := errors.Join(os.WriteFile(name, []byte("ns  red blue green\n"), 0o600), os.Link(name, other)); err != nil {
		t.Fatal(err)
	}
	if err := Replace(name, "ns red\n"); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{name, other} {
		if text, err := os.ReadFile(n); err != nil || string(text) != "ns red\n" {
			t.Errorf("%s: %q %v", n, text, err)
		}
	}
}

func TestReplaceLeavesReadOnlyFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.nsl")
	if err := os.WriteFile(name, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := Replace(name, "new"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(name); string(text) != "old" {
		t.Errorf("%q", text)
	}
}
