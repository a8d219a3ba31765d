package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"nsl/stdlib"
)

// corpus is every script that the project has, by name: the labs, the library,
// the examples of the documentation, and the scripts of the tests.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	scripts := map[string]string{}
	for _, pattern := range []string{"../../scripts/labs/*.nsl", "../../stdlib/std/*.nsl", "testdata/*.nsl"} {
		addFiles(t, scripts, pattern)
	}
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		for i, e := range v.Examples {
			scripts[fmt.Sprintf("example %s %d", v.Name, i+1)] = e.Code
		}
	}
	return scripts
}

func addFiles(t testing.TB, scripts map[string]string, pattern string) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no scripts, %v", pattern, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts[name] = string(text)
	}
}

// wrongScripts are those that hold mistakes on purpose, one lab each.
func wrongScripts(t testing.TB) []string {
	t.Helper()
	files := map[string]string{}
	addFiles(t, files, "../../stdlib/testdata/errors/*.nsl")
	var labs []string
	for _, text := range files {
		text = regexp.MustCompile(` *###.*`).ReplaceAllString(text, "")
		labs = append(labs, regexp.MustCompile(`(?m)^---.*\n`).Split(text, -1)...)
	}
	return labs
}
