package repl

import "testing"

func TestSavedCountsWhatElseThereIs(t *testing.T) {
	got := (&prompt{}).saved("lab.nsl", 1, 2, true, Origin{})
	want := "lab.nsl: 1 statement, and 2 more for what else the lab has; nsl run lab.nsl builds the same lab"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
