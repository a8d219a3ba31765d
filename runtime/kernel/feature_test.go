package kernel

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func TestEveryFeatureHasATrial(t *testing.T) {
	var names []string
	for _, t := range trials() {
		names = append(names, t.Name)
	}
	want := plan.Features()
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("there are trials of\n%v\nand plan.Features has\n%v", names, want)
	}
}

func TestOneFeatureIsAsAmongAll(t *testing.T) {
	w := &World{}
	for name, want := range features(t) {
		if got, err := w.Feature(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %+v, %v; among all %+v", name, got, err, want)
		}
	}
	if _, err := w.Feature(t.Context(), "netm"); !errors.Is(err, unix.EINVAL) {
		t.Errorf("netm: %v", err)
	}
}
