package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nsl/runtime/labtest"
)

// killRounds is the number of runs that are killed.
func killRounds() int {
	if labtest.IsNightly() {
		return 200
	}
	return 30
}

// TestKillLeavesNothing kills a random process of a run of a lab of 60 nodes at
// a random moment, and looks for anything that it left on the machine.
func TestKillLeavesNothing(t *testing.T) {
	labtest.NeedSandbox(t)
	if testing.Short() {
		t.Skip("short")
	}
	script := filepath.Join(t.TempDir(), "sixty.nsl")
	if err := os.WriteFile(script, []byte(sixtyNodes()), 0o600); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if out, err := nslCommand("", "run", script).CombinedOutput(); err != nil {
		t.Fatalf("the lab itself: %v\n%s", err, out)
	}
	whole := time.Since(start)
	before := hostState(t)
	for round := range killRounds() {
		token := fmt.Sprintf("LC_NSL_TEST_TOKEN=%d-%d", os.Getpid(), round)
		killOne(t, token, script, time.Duration(rand.Int64N(int64(whole))))
		waitFor(t, func() string {
			if left := withToken(token); len(left) > 0 {
				return fmt.Sprintf("round %d: processes left: %v", round, left)
			}
			return ""
		})
	}
	waitFor(t, func() string {
		if after := hostState(t); after != before {
			return "the machine changed:\n" + before + "\nnow:\n" + after
		}
		return ""
	})
}

// sixtyNodes is a lab that keeps all of its parts busy: a bridge, pings, and a
// program that runs on.
func sixtyNodes() string {
	var names []string
	for i := range 60 {
		names = append(names, "n"+strconv.Itoa(i))
	}
	all := strings.Join(names, " ")
	return "ns " + all + "\nbridge sw <" + all + ">\nexec n1 sh -c 'sleep 60 & echo started'\nexpect ping <n0 n1 n2> -> <" + all + ">\n"
}

// patience is for how long a command of a test may run: after it, its goroutines are printed.
const patience = 2 * time.Minute

func nslCommand(token string, args ...string) *exec.Cmd {
	self, _ := os.Executable()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { cancel(); return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Args[0] = "nsl"
	cmd.Env = append(os.Environ(), token)
	return cmd
}

// killOne starts a run and kills one of its processes after a while.
func killOne(t *testing.T, token, script string, after time.Duration) {
	t.Helper()
	cmd := nslCommand(token, "run", script)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(after)
	if family := withToken(token); len(family) > 0 {
		_ = syscall.Kill(family[rand.IntN(len(family))], syscall.SIGKILL)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("the run did not end after one of its processes was killed")
	}
}

// withToken are the processes that have a word in their environment.
func withToken(token string) []int {
	var pids []int
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		env, err := os.ReadFile(path)
		if err == nil && bytes.Contains(env, []byte(token)) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// hostState is what a lab could leave on the machine: named namespaces, links
// and mounts.
func hostState(t *testing.T) string {
	t.Helper()
	names, _ := filepath.Glob("/run/netns/*")
	links, _ := filepath.Glob("/sys/class/net/*")
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v\n%v\n%d mounts", names, links, bytes.Count(mounts, []byte("\n")))
}

// waitFor waits until complain has nothing to say any more.
func waitFor(t *testing.T, complain func() string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		text := complain()
		if text == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(text)
		}
		<-time.After(2 * time.Millisecond)
	}
}
