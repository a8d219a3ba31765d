package probes_test

import (
	"strings"
	"testing"
	"time"

	"nsl/runtime/labtest/labs"
)

// within bounds a try as well as the number of tries.
func TestWithinEndsWhatIsUnderWay(t *testing.T) {
	for what, c := range map[string]struct{ script, want string }{
		"a program": {"ns red\nexpect exec red sh -c \"echo begun; sleep 60\" within 300ms\n",
			"still running when the time was up; nsl ended it"},
		"a program that prints without end": {"ns red\nexpect exec red yes within 300ms\n", "it printed:\n      … "},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			out, _, failed, err := labs.Run(t, c.script)
			if err != nil || failed != 1 || !strings.Contains(out, c.want) {
				t.Errorf("%v; not said: %s\n%s", err, c.want, out)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
