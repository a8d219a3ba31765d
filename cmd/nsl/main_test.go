package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nsl/runtime/labtest"
	"nsl/runtime/sandbox"
)

// The test binary is nsl too: testscript starts it under that name, and the
// sandbox starts it again inside.
func TestMain(m *testing.M) {
	if sandbox.IsChild() {
		sandbox.Child(nil, func(in *sandbox.Inside, err error) int {
			go fault("/tmp/nsl-test-fault")
			return inside(language(), in, err)
		})
	}
	labtest.FindPrograms()
	labtest.ManyAtOnce()
	// Under the race detector every process would sleep a second at its end.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	testscript.Main(m, map[string]func(){
		"nsl": func() { os.Exit(execute(os.Args[1:])) },
	})
}

// fault panics once a script has made a file.
func fault(file string) {
	for range time.Tick(20 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			panic("on purpose")
		}
	}
}

// TestScripts runs the transcripts of the command line; -update renews them.
func TestScripts(t *testing.T) {
	labtest.NeedSandbox(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("NSL_UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			labs, err := filepath.Abs("../../scripts/labs")
			e.Setenv("LABS", labs)
			e.Setenv("TERM", "dumb")
			e.Setenv("XDG_RUNTIME_DIR", e.WorkDir)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs nsl and compares its exit code: exits CODE ARG….
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG…")
	}
	err := ts.Exec("nsl", args[1:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}
