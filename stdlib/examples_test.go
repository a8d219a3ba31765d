package stdlib_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"nsl/lang/verb"
	"nsl/stdlib"
)

// eachExample runs a test for every documented example of the vocabulary.
func eachExample(t *testing.T, test func(t *testing.T, e verb.Example)) {
	t.Helper()
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		if len(v.Examples) == 0 {
			t.Errorf("%s has no example", v.Name)
		}
		for i, e := range v.Examples {
			t.Run(fmt.Sprintf("%s/%d", v.Name, i+1), func(t *testing.T) {
				t.Parallel()
				test(t, e)
			})
		}
	}
}

// TestExamplesHold runs every example as it stands: all that it expects holds.
func TestExamplesHold(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) {
		out, held, failed, err := runLab(t, e.Code)
		skipWithout(t, e.Needs, out)
		if err != nil || failed > 0 {
			t.Errorf("%s\n%v: %d held, %d failed\n%s", e.Code, err, held, failed, out)
		}
	})
}

// TestExamplesCanBeTakenBack does every statement of every example, takes it
// back, and finds the kernel as it was.
func TestExamplesCanBeTakenBack(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) {
		r := lab(t, labJob{Script: e.Code, Undo: true})
		skipWithout(t, e.Needs, r.Out)
		if r.Err != "" || r.Failed > 0 {
			t.Errorf("%s\n%s\n%s", e.Code, r.Err, r.Out)
		}
	})
}

// skipWithout skips a test whose lab ended for want of a module of the kernel,
// or of the right to use it, and fails it when NSL_REQUIRE names that.
func skipWithout(t *testing.T, module, out string) {
	t.Helper()
	switch {
	case module == "" || !strings.Contains(out, "[NSL071]") && !strings.Contains(out, "[NSL072]"):
	case slices.Contains(strings.Split(os.Getenv("NSL_REQUIRE"), ","), module):
		t.Fatalf("NSL_REQUIRE has %s:\n%s", module, out)
	case !strings.Contains(out, module):
		t.Errorf("the message does not name what is missing, %s:\n%s", module, out)
	default:
		t.Skipf("no %s here:\n%s", module, out)
	}
}
