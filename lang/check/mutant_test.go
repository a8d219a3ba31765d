package check_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// TestMutants checks scripts with words lost, doubled and changed places: each is
// checked to its end, every finding has its place, and asking again gives the same.
func TestMutants(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.nsl")
	labs, _ := filepath.Glob("../../scripts/labs/*.nsl")
	var texts []string
	for _, f := range append(files, labs...) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.Split(string(b), "\n---")...)
	}
	table := stdlib.Table()
	r := rand.New(rand.NewPCG(3, 16)) //nolint:gosec // the same mutants each time
	n := 1000
	switch {
	case testing.Short():
		n = 300
	case labtest.IsNightly():
		n = 10_000
	}
	for range n {
		text := mutate(r, texts[r.IntN(len(texts))])
		set, list := findings(table, "mutant.nsl", text, modules())
		_, again := findings(table, "mutant.nsl", text, modules())
		if len(again) != len(list) {
			t.Errorf("%d findings, and then %d:\n%s", len(list), len(again), text)
		}
		for i, d := range list {
			if p := set.Position(d.Subject.Start); p.File == nil {
				t.Errorf("%s is nowhere:\n%s", d.Summary, text)
			}
			if i < len(again) && again[i].Summary != d.Summary {
				t.Errorf("%q, and then %q:\n%s", d.Summary, again[i].Summary, text)
			}
		}
	}
}

// mutate changes a few words of a script.
func mutate(r *rand.Rand, text string) string {
	words := strings.SplitAfter(text, " ")
	for range 1 + r.IntN(3) {
		i, j := r.IntN(len(words)), r.IntN(len(words))
		switch r.IntN(4) {
		case 0:
			words[i] = ""
		case 1:
			words[i] += words[i]
		case 2:
			words[i], words[j] = words[j], words[i]
		case 3:
			words[i] = []string{"{ ", "} ", "<", "> ", "$", "${", "\"", "let x = ", "def f(a) ", "-> ", "\n", "use lib", "defer "}[r.IntN(13)]
		}
	}
	return strings.Join(words, "")
}
