package arch

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listed are the packages in the list of docs/architecture.md.
func listed(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## Packages\n")
	_, block, _ := strings.Cut(rest, "```text\n")
	block, _, _ = strings.Cut(block, "```")
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z][\w/-]*)  `).FindAllStringSubmatch(block, -1) {
		names = append(names, m[1])
	}
	return names
}

// A package may be listed by its parent's line.
func TestArchitectureListsEachPackageOnce(t *testing.T) {
	names := listed(t)
	if len(names) < 30 {
		t.Fatalf("only %d packages are listed", len(names))
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			t.Errorf("docs/architecture.md lists %s twice", name)
		}
		if info, err := os.Stat(path.Join("../..", name)); err != nil || !info.IsDir() {
			t.Errorf("docs/architecture.md lists %s, which does not exist", name)
		}
	}
	for _, p := range listPackages(t) {
		dir := strings.TrimPrefix(p.ImportPath, "nsl/")
		found := slices.Contains(names, dir)
		for parent := path.Dir(dir); !found && strings.Contains(parent, "/"); parent = path.Dir(parent) {
			found = slices.Contains(names, parent)
		}
		if !found && !strings.HasPrefix(dir, "scripts/") {
			t.Errorf("docs/architecture.md does not list %s", dir)
		}
	}
}
