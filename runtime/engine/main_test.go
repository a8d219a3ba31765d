package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"nsl/runtime/sandbox"
)

// The test binary starts itself again in a sandbox; inside, the payload names
// the part to run, which tells what is wrong on its standard output.
func TestMain(m *testing.M) {
	if !sandbox.IsChild() {
		// Under the race detector every process would sleep a second at its end.
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
		os.Exit(m.Run())
	}
	in, err := sandbox.Child()
	if err == nil {
		name, arg, _ := strings.Cut(string(in.Payload), "\n")
		err = parts()[name](arg)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parts are what runs inside.
func parts() map[string]func(arg string) error {
	return map[string]func(string) error{"faults": faults, "mesh": mesh}
}

// inSandbox runs a part and fails the test with what it tells.
func inSandbox(t *testing.T, part, arg string) string {
	t.Helper()
	facts, err := sandbox.Inspect(t.Context())
	if err != nil || facts.Refused != nil {
		if strings.Contains(os.Getenv("NSL_REQUIRE"), "netns") {
			t.Fatalf("NSL_REQUIRE wants namespaces: %v %v", facts.Refused, err)
		}
		t.Skipf("no sandbox here: %v %v", facts.Refused, err)
	}
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	code, err := sandbox.Run(context.Background(), sandbox.Config{
		Payload: []byte(part + "\n" + arg), Stdout: out, Stderr: out})
	text, readErr := os.ReadFile(out.Name())
	if err != nil || readErr != nil || code != 0 {
		t.Fatalf("exit %d, %v, %v\n%s", code, err, readErr, text)
	}
	return string(text)
}
