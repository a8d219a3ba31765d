package plan_test

import (
	"slices"
	"testing"

	"nsl/runtime/plan"
)

func TestCompareNames(t *testing.T) {
	want := []string{"", "a", "a1", "a01b", "a1b", "a2", "a10", "b", "h1-1", "h1-2", "h1-10", "h2-1", "h10", "h10a", "h99999999999999999999", "h100000000000000000000", "host"}
	if got := slices.SortedFunc(slices.Values(want), plan.CompareNames); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, a := range want {
		for _, b := range want {
			if c, d := plan.CompareNames(a, b), plan.CompareNames(b, a); c != -d || (c == 0) != (a == b) {
				t.Errorf("%q and %q: %d, %d", a, b, c, d)
			}
		}
	}
}
