// Package labtest holds what the tests of several packages share: a world in memory,
// the whole state of a lab as text, sandboxes and namespaces to test in, nsl as a
// program, modules and scripts, and what to do where the machine lacks something.
// Only tests import it.
package labtest

import (
	"flag"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nsl/lang/diag"
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

// FindPrograms is for TestMain: programs of administration are found on the PATH of
// an ordinary user, too.
func FindPrograms() {
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin") // the words are right
}

// NeedPrograms is for a test that runs programs of the machine: where one is not
// installed it ends, as Lacks says of the feature netns.
func NeedPrograms(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			Lacks(t, "netns", name+" is not installed: make deps")
		}
	}
}

// Needs is for a lab that may have ended for want of a module of the kernel, or of
// the right to use it, as its output says: then its test ends as Lacks says of the
// module, which that output has to name.
func Needs(t testing.TB, module, output string) {
	t.Helper()
	lacks := strings.Contains(output, string(diag.NoFeature)) || strings.Contains(output, string(diag.NoPermission))
	if module == "" || !lacks {
		return
	}
	if !strings.Contains(output, module) {
		t.Errorf("the message does not name what is missing, %s:\n%s", module, output)
	}
	Lacks(t, module, output)
}

// Skipped is the feature of the kernel for want of which a lab was skipped (require kernel), as
// its output says, or "".
func Skipped(output string) string {
	_, rest, _ := strings.Cut(output, "the kernel lacks ")
	what, _, _ := strings.Cut(rest, ":")
	return what
}

// NotSkipped ends a test whose lab was skipped for want of a feature of the kernel, as Lacks
// says of that feature.
func NotSkipped(t testing.TB, output string) {
	t.Helper()
	if what := Skipped(output); what != "" {
		Lacks(t, what, output)
	}
}

// Nightly skips a test that takes long and has little to find from one change to
// the next: only make nightly, which sets NSL_NIGHTLY, runs it.
func Nightly(t testing.TB) {
	t.Helper()
	if !IsNightly() {
		t.Skip("only make nightly runs this")
	}
}

// IsNightly reports whether make nightly runs the tests: what they sample otherwise, they
// do wholly.
func IsNightly() bool { return os.Getenv("NSL_NIGHTLY") != "" }

// ManyAtOnce is for TestMain of a package whose tests wait for networks more than
// they compute: parallel tests are four for each processor, not one, unless
// -parallel says how many.
func ManyAtOnce() {
	if f := flag.Lookup("test.parallel"); f != nil {
		_ = f.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0))) // a number is what it takes
	}
}
