package labtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/sandbox"
)

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
	in, err := sandbox.Child()
	if err == nil {
		name, arg, _ := strings.Cut(string(in.Payload), "\n")
		err = p[name](arg, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
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

// InSandbox runs a part in a sandbox of its own and gives what it wrote. The test
// fails with the part.
func InSandbox(t testing.TB, part, arg string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	code, err := sandbox.Run(context.Background(), sandbox.Config{Payload: []byte(part + "\n" + arg), Stdout: out, Stderr: os.Stderr})
	if refused := (*sandbox.Refused)(nil); errors.As(err, &refused) {
		Lacks(t, "netns", refused)
	}
	text, readErr := os.ReadFile(name)
	if err != nil || readErr != nil || code != 0 {
		t.Fatalf("%s ended with %d, %v, %v\n%s", part, code, err, readErr, text)
	}
	return string(text)
}
