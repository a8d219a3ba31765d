package plan_test

import (
	"slices"
	"testing"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// TestIfOptions: the words of the language are the options, and each value that is read is
// the one that was put.
func TestIfOptions(t *testing.T) {
	var names []string
	for _, o := range plan.AllIfOptions() {
		names = append(names, o.Name)
		for _, value := range map[bool][]string{true: {plan.On, plan.Off}, false: {"12"}}[o.IsFlag()] {
			if o.IsTime() {
				value = "12s"
			}
			var set plan.IfOptions
			if o.Put(&set, value); o.Get(set) != value {
				t.Errorf("%s is %s, want %s", o.Name, o.Get(set), value)
			}
		}
	}
	if !slices.Equal(names, syntax.IfOptions()) {
		t.Errorf("options %v, words %v", names, syntax.IfOptions())
	}
}
