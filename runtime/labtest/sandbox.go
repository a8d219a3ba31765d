package labtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"nsl/runtime/sandbox"
)

// As in nsl's main: the process in a sandbox keeps its main thread for orphans.
//
//nolint:gochecknoinits // only here the goroutine is certain to be on the main thread
func init() { runtime.LockOSThread() }

// Parts are what tests do in sandboxes, by name. A part gets what its test passes
// to it, and writes for it to out.
type Parts map[string]func(arg string, out io.Writer) error

// Main is TestMain of a package with parts: it runs the tests, or, in a test
// binary that was started again in a sandbox, a part. Its value is the exit code.
func (p Parts) Main(m *testing.M) int {
	if !sandbox.IsChild() {
		// Under the race detector every process would sleep a second at its end.
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
		FindPrograms()
		return m.Run()
	}
	sandbox.Child(nil, func(in *sandbox.Inside, err error) int {
		if err == nil {
			name, arg, _ := strings.Cut(string(in.Payload), "\n")
			err = p[name](arg, os.Stdout)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	})
	panic("unreachable")
}

// NeedSandbox is for a test that runs something in a sandbox: where there is none
// it ends, as Lacks says of the feature netns. The test binary must be one that
// can be started in a sandbox (see Parts).
func NeedSandbox(t testing.TB) {
	t.Helper()
	facts, err := sandbox.Inspect(t.Context())
	if err != nil || facts.Refused != nil {
		Lacks(t, "netns", facts.Refused, err)
	}
}

// InSandbox runs a part in a sandbox of its own, which has the test's working
// directory, and gives what it wrote. The test fails with the part.
func InSandbox(t testing.TB, part, arg string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	code, err := sandbox.Run(context.Background(), sandbox.Config{Payload: []byte(part + "\n" + arg),
		Binds: []sandbox.Bind{{Path: here, Write: true}}, Stdout: out, Stderr: os.Stderr})
	if refused := (*sandbox.Refused)(nil); errors.As(err, &refused) {
		Lacks(t, "netns", refused)
	}
	text, readErr := os.ReadFile(name)
	if err != nil || readErr != nil || code != 0 {
		t.Fatalf("%s ended with %d, %v, %v\n%s", part, code, err, readErr, text)
	}
	return string(text)
}
