package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGeneratedPagesAreFresh(t *testing.T) {
	list, err := pages("../../stdlib/why/testdata/broken")
	if err != nil || list["why.md"] == "" {
		t.Fatal(err)
	}
	for name, want := range list {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Errorf("%v; write it with: make generate", err)
			continue
		}
		if d := cmp.Diff(string(got), want); d != "" {
			t.Errorf("docs/%s is stale; renew it with: make generate\n%s", name, d)
		}
	}
}
