package model_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

// TestMain draws the same labs each time, so that a change is judged by what it
// changed; whoever looks for more says -rapid.seed=0, or another one.
func TestMain(m *testing.M) {
	labtest.TryEnter()
	if !slices.ContainsFunc(os.Args, func(a string) bool { return strings.Contains(a, "rapid.seed") }) {
		if err := flag.Set("rapid.seed", "20261121"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
