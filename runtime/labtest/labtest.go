// Package labtest holds what the tests of several packages share: nsl as a
// program, scripts with something left out, and what to do where the machine
// lacks something. Only tests import it.
package labtest

import (
	"flag"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Required reports whether NSL_REQUIRE, a list with commas, names a feature:
// a test that would skip for want of it has to fail.
func Required(feature string) bool {
	return slices.Contains(strings.Split(os.Getenv("NSL_REQUIRE"), ","), feature)
}

// Lacks skips a test because the machine lacks a feature, or fails it if
// NSL_REQUIRE names that feature.
func Lacks(t testing.TB, feature string, why ...any) {
	t.Helper()
	if Required(feature) {
		t.Fatal(append([]any{"NSL_REQUIRE has " + feature + ":"}, why...)...)
	}
	t.Skip(append([]any{"no " + feature + " here:"}, why...)...)
}

// Nightly skips a test that takes long and has little to find from one change to
// the next: only make nightly, which sets NSL_NIGHTLY, runs it.
func Nightly(t testing.TB) {
	t.Helper()
	if os.Getenv("NSL_NIGHTLY") == "" {
		t.Skip("only make nightly runs this")
	}
}

// ManyAtOnce is for TestMain of a package whose tests wait for networks more than
// they compute: parallel tests are four for each processor, not one, unless
// -parallel says how many.
func ManyAtOnce() {
	if f := flag.Lookup("test.parallel"); f != nil {
		_ = f.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0))) // a number is what it takes
	}
}
