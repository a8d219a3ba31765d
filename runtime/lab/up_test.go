package lab

import (
	"testing"

	"nsl/runtime/keeper"
)

func TestLabNames(t *testing.T) {
	for file, want := range map[string]string{
		"lab.nsl": "lab", "/a/b/two rooms.nsl": "two-rooms", "-": "lab", ".nsl": "lab", "a.b.nsl": "a.b", "../x": "x",
	} {
		if got := NameOf(file); got != want || !keeper.ValidName(got) {
			t.Errorf("a lab of %s is called %q, want %q", file, got, want)
		}
	}
}
