package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
)

// TestKilledInALivingLab kills, one after the other, a client, a program
// inside, and the keeper; each takes along what is its own and nothing else.
func TestKilledInALivingLab(t *testing.T) {
	script := labHome(t)
	before := hostState(t)
	other, lab := token(), token()
	up(t, other, script, "other")
	up(t, lab, script, "lab")

	first, second, third := token(), token(), token()
	client := runsIn(t, first, "exec", "lab", "red", "sh", "-c", "sleep 1000 & sleep 1001; true")
	runsIn(t, second, "exec", "lab", "red", "sleep", "1000")
	inside := runsIn(t, third, "exec", "lab", "blue", "sleep", "1000")

	_ = client.Process.Kill()
	waitFor(t, gone(first))
	if len(sleeping(second)) != 1 || len(sleeping(third)) != 1 {
		t.Fatal("the end of one client ended the program of another")
	}
	_ = syscall.Kill(sleeping(third)[0], syscall.SIGKILL)
	_ = inside.Wait()
	if code := inside.ProcessState.ExitCode(); code != 128+9 {
		t.Errorf("the client of a killed program ended with %d", code)
	}
	if len(sleeping(second)) != 1 {
		t.Fatal("a killed program took another one along")
	}
	if out, err := nslCommand("X=", "exec", "lab", "red", "true").CombinedOutput(); err != nil {
		t.Fatalf("the lab is lost: %v\n%s", err, out)
	}
	killKeeper(t, "lab")
	for _, own := range []string{lab, second} {
		waitFor(t, gone(own))
	}
	if out, err := nslCommand("X=", "exec", "other", "red", "true").CombinedOutput(); err != nil {
		t.Fatalf("the other lab is lost: %v\n%s", err, out)
	}
	killKeeper(t, "other")
	waitFor(t, gone(other))
	if after := hostState(t); after != before {
		t.Errorf("the machine changed:\n%s\nnow:\n%s", before, after)
	}
}

func killKeeper(t *testing.T, lab string) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "nsl", lab, "lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	// The keeper is the process that holds the lock (F_GETLK(2const)).
	held := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if err := unix.FcntlFlock(lock.Fd(), unix.F_GETLK, &held); err != nil || held.Pid <= 1 {
		t.Fatal(held, err)
	}
	if err := syscall.Kill(int(held.Pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// What a program leaves in the background, in a session of its own, is a part of
// the lab: it stays when the client goes, and ends with the lab.
func TestDaemonsBelongToTheLab(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	daemon := token()
	if out, err := nslCommand(daemon, "exec", "lab", "red", "--", "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 </dev/null & wait 0").CombinedOutput(); err != nil && len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	waitFor(t, func() string {
		if len(sleeping(daemon)) != 1 {
			return "the daemon does not run"
		}
		return ""
	})
	if out, err := nslCommand("X=", "down", "lab").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if left := withToken(daemon); len(left) > 0 {
		t.Errorf("down returned, left: %v", left)
	}
}

// TestKilledWhileItIsBuilt kills nsl up, or the keeper, at random moments: then
// the lab is either all there or not at all.
func TestKilledWhileItIsBuilt(t *testing.T) {
	script := labHome(t)
	if err := os.WriteFile(script, []byte("ns a b c\nlink a <-> b\nexec a sleep 0.02\nlink b <-> c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lost := 0
	for range 30 {
		own := token()
		cmd := nslCommand(own, "up", script)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(rand.Int64N(int64(80 * time.Millisecond)))) // the moment, not a wait
		if family := withToken(own); len(family) > 0 {
			_ = syscall.Kill(family[rand.IntN(len(family))], syscall.SIGKILL)
		}
		_ = cmd.Wait()
		waitFor(t, func() string {
			if out, err := nslCommand("X=", "exec", "lab", "c", "true").CombinedOutput(); err == nil {
				return ""
			} else if left := withToken(own); len(left) > 0 {
				return fmt.Sprintf("half a lab: %v\n%s", left, out)
			}
			lost++
			return ""
		})
		_ = nslCommand("X=", "down", "lab").Run()
		waitFor(t, gone(own))
	}
	if lost == 0 || lost == 30 {
		t.Logf("%d of 30 labs did not come to be: the moments were all early or late", lost)
	}
}

// Ctrl-C undoes the statement that was running, and the lab with it.
func TestInterruptedWhileItIsBuilt(t *testing.T) {
	script := labHome(t)
	if err := os.WriteFile(script, []byte("ns red\nexec red sleep 1000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := token()
	cmd := runsIn(t, own, "up", script)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != diag.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, diag.ExitInterrupted)
	}
	if left := withToken(own); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if out, _ := nslCommand("X=", "ls").CombinedOutput(); !strings.HasPrefix(string(out), "no lab is running") {
		t.Errorf("%s", out)
	}
}

// One name is one lab, however many ask for it at once.
func TestOneOfManyGetsTheName(t *testing.T) {
	script := labHome(t)
	var wg sync.WaitGroup
	codes := make([]int, 6)
	for i := range codes {
		wg.Go(func() {
			cmd := nslCommand("X=", "up", script, "--name", "lab")
			_ = cmd.Run()
			codes[i] = cmd.ProcessState.ExitCode()
		})
	}
	wg.Wait()
	slices.Sort(codes)
	if want := []int{0, 2, 2, 2, 2, 2}; !slices.Equal(codes, want) {
		t.Errorf("exit codes %v, want %v", codes, want)
	}
}

// A lab whose name is gone could never be reached again: it ends.
func TestALabEndsWithItsName(t *testing.T) {
	script := labHome(t)
	own := token()
	up(t, own, script, "lab")
	if err := os.RemoveAll(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "nsl")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, gone(own))
}

// Of a lab that does not listen, down is the end all the same.
func TestDownKillsWhatDoesNotEnd(t *testing.T) {
	t.Parallel() // it waits for an answer, and for the end, as a user would
	home, script := aLabHome(t)
	home += "=" + filepath.Dir(script)
	own := token()
	start := nslCommand(own, "up", script, "--name", "lab")
	start.Env = append(start.Env, home)
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("nsl up: %v\n%s", err, out)
	}
	for _, pid := range withToken(own) {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
	out, err := nslCommand(home, "exec", "lab", "red", "true").CombinedOutput()
	if want := "nsl: cannot: the lab lab does not answer: no word from it in 5s [NSL165]\n" +
		"    its last output: nsl logs lab\n    end it: nsl down lab\n"; err == nil || string(out) != want {
		t.Errorf("%v\n%s\nwant:\n%s", err, out, want)
	}
	if out, err := nslCommand(home, "down", "lab").CombinedOutput(); err != nil || string(out) != "lab did not end and was killed\n" {
		t.Errorf("%v\n%s", err, out)
	}
	waitFor(t, gone(own))
}

// A client that is connected when the lab ends gets the reason.
func TestTheLabEndsUnderAClient(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	var errs bytes.Buffer
	own := token()
	cmd := nslCommand(own, "exec", "lab", "red", "sleep", "1000")
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() string {
		if len(sleeping(own)) == 0 {
			return "the program does not start"
		}
		return ""
	})
	if err := nslCommand("X=", "down", "lab").Run(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if want := "nsl: error: the lab lab has ended [NSL166]\n    nsl ls lists the running labs\n"; errs.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", errs.String(), want)
	}
}

// Signals to the client reach the program, whose exit code comes back.
func TestSignalsReachTheProgram(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	own := token()
	cmd := runsIn(t, own, "exec", "lab", "red", "sh", "-c", "trap 'exit 42' TERM; sleep 1000 & wait")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 42 {
		t.Errorf("exit code %d, want 42", code)
	}
}
