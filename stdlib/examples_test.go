package stdlib_test

import (
	"fmt"
	"testing"

	"nsl/lang/verb"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
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

// TestExamplesHold runs every example as it is: all that it expects holds.
func TestExamplesHold(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) {
		out, held, failed, err := labs.Run(t, e.Code)
		labtest.Needs(t, e.Needs, out)
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
		r := labs.In(t, undoPart, labs.Job{Script: e.Code})
		labtest.Needs(t, e.Needs, r.Out)
		if r.Err != "" || r.Failed > 0 {
			t.Errorf("%s\n%s\n%s", e.Code, r.Err, r.Out)
		}
	})
}
