package lab

import "testing"

// The first free number is found, and among many without asking for each.
func TestFirstFree(t *testing.T) {
	for _, taken := range []int{0, 1, 15, 16, 17, 31, 32, 33, 1000} {
		asked := 0
		if got := firstFree(func(n int) bool { asked++; return n > taken }); got != taken+1 {
			t.Errorf("of %d taken, %d is free", taken, got)
		}
		if asked > 40 {
			t.Errorf("of %d taken, %d were asked for", taken, asked)
		}
	}
	if got := firstFree(func(n int) bool { return n == 3 || n > 9 }); got != 3 {
		t.Errorf("the gap is 3, not %d", got)
	}
}
