package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"nsl/runtime/labtest"
)

// labHome gives the test a directory for labs of its own; those that it leaves
// up are taken down.
func labHome(t *testing.T) (script string) {
	t.Helper()
	home, script := aLabHome(t)
	t.Setenv(home, filepath.Dir(script))
	return script
}

// aLabHome is labHome for a test that runs beside others: it has to name the
// directory of the script in that variable itself.
func aLabHome(t *testing.T) (variable, script string) {
	t.Helper()
	labtest.NeedSandbox(t)
	const home = "XDG_RUNTIME_DIR"
	dir := t.TempDir()
	t.Cleanup(func() { _ = nslCommand(home+"="+dir, "down", "--all").Run() })
	script = filepath.Join(dir, "lab.nsl")
	if err := os.WriteFile(script, []byte("ns red blue\nlink red <-> blue 10.0.0.0/24\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return home, script
}

// up builds a lab whose processes have the token in their environment.
func up(t *testing.T, token, script, name string) {
	t.Helper()
	if out, err := nslCommand(token, "up", script, "--name", name).CombinedOutput(); err != nil {
		t.Fatalf("nsl up: %v\n%s", err, out)
	}
}

func token() string { return fmt.Sprintf("LC_NSL_TEST_TOKEN=%d-%d", os.Getpid(), rand.Int64()) }

// runsIn starts a program in the lab and waits until it runs.
func runsIn(t *testing.T, token string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := nslCommand(token, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitFor(t, func() string {
		if len(sleeping(token)) == 0 {
			return "the program does not start"
		}
		return ""
	})
	return cmd
}

// sleeping are the sleeps with a token.
func sleeping(token string) []int {
	return slices.DeleteFunc(withToken(token), func(pid int) bool {
		name, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		return string(name) != "sleep\n"
	})
}

func gone(token string) func() string {
	return func() string {
		if left := withToken(token); len(left) > 0 {
			return fmt.Sprintf("left of %s: %v", token, left)
		}
		return ""
	}
}
