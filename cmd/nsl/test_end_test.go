package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nsl/lang/diag"
	"nsl/runtime/labtest"
	"nsl/runtime/report"
)

// testRun is a run of nsl test in a directory of its own, known by a word in the
// environment of all of its processes.
type testRun struct {
	dir, token string
	cmd        *exec.Cmd
	out, err   bytes.Buffer
}

// startTest writes scripts and starts nsl test on them.
func startTest(t *testing.T, scripts map[string]string, args ...string) *testRun {
	t.Helper()
	labtest.NeedSandbox(t)
	r := &testRun{dir: t.TempDir(), token: fmt.Sprintf("LC_NSL_TEST_TOKEN=%d-%s", os.Getpid(), t.Name())}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.cmd = nslCommand(r.token, append([]string{"test", "--grant", "write=."}, args...)...)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = r.dir, &r.out, &r.err
	return r
}

// run waits for the end, and that nothing is left.
func (r *testRun) run(t *testing.T) int {
	t.Helper()
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r.wait(t)
}

func (r *testRun) wait(t *testing.T) int {
	t.Helper()
	done := make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		_ = r.cmd.Process.Kill()
		t.Fatalf("it does not end\n%s%s", r.out.String(), r.err.String())
	}
	waitFor(t, func() string {
		if left := withToken(r.token); len(left) > 0 {
			return fmt.Sprintf("processes left: %v", left)
		}
		return ""
	})
	return r.cmd.ProcessState.ExitCode()
}

// events are the lines of a JSON report.
func events(t *testing.T, file string) []report.Event {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []report.Event
	for line := range strings.Lines(string(text)) {
		var e report.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, e)
	}
	return list
}

// statuses says how each file ended.
func statuses(list []report.Event) string {
	var b strings.Builder
	for _, e := range list {
		if e.Type == report.TypeFileEnd {
			fmt.Fprintf(&b, "%s %s\n", e.File, e.Status)
		}
	}
	return b.String()
}

const quickLab = "ns red\nexpect ns red\n"

// hanging waits for what never comes, and says that it began.
func hanging(mark string) string {
	return fmt.Sprintf("ns red blue\nexec host sh -c 'echo > %s'\nspawn red sleep 600\nexec blue sleep 600\nexpect ns red\n", mark)
}

func TestInterruptKeepsWhatHasEnded(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			r := startTest(t, map[string]string{"a.nsl": quickLab, "b.nsl": hanging("began"), "c.nsl": quickLab},
				"-j", "1", "--format", "json=out.json", "--format", "junit=out.xml", "--format", "tap=out.tap")
			if err := r.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, missing(filepath.Join(r.dir, "began")))
			_ = r.cmd.Process.Signal(sig)
			start := time.Now()
			if code := r.wait(t); code != diag.ExitInterrupted {
				t.Errorf("exit code %d\n%s%s", code, r.out.String(), r.err.String())
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it ended %v after the signal", took)
			}
			list := events(t, filepath.Join(r.dir, "out.json"))
			if got, want := statuses(list), "a.nsl passed\nb.nsl interrupted\nc.nsl not-run\n"; got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if last := list[len(list)-1]; last.Type != report.TypeSummary || *last.Exit != diag.ExitInterrupted {
				t.Errorf("the last line is %+v", last)
			}
			for file, end := range map[string]string{"out.xml": "</testsuites>\n", "out.tap": "Bail out! interrupted\n"} {
				if text, err := os.ReadFile(filepath.Join(r.dir, file)); err != nil || !strings.HasSuffix(string(text), end) {
					t.Errorf("%s: %v\n%s", file, err, text)
				}
			}
		})
	}
}

// missing complains until a file is there.
func missing(file string) func() string {
	return func() string {
		if _, err := os.Stat(file); err != nil {
			return err.Error()
		}
		return ""
	}
}

func TestTimeoutEndsProgramsToo(t *testing.T) {
	r := startTest(t, map[string]string{"a.nsl": hanging("began"), "b.nsl": quickLab}, "--timeout", "1s", "--format", "json=out.json")
	if code := r.run(t); code != diag.ExitFailed {
		t.Errorf("exit code %d\n%s%s", code, r.out.String(), r.err.String())
	}
	if got, want := statuses(events(t, filepath.Join(r.dir, "out.json"))), "a.nsl failed\nb.nsl passed\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !strings.Contains(r.out.String(), "it was at: exec blue sleep 600") {
		t.Error(r.out.String())
	}
}

// nsl test | head: the reader of standard output is gone after the first line.
func TestBrokenPipeEndsTheRun(t *testing.T) {
	scripts := map[string]string{"a.nsl": quickLab, "z.nsl": quickLab}
	for i := range 40 {
		scripts[fmt.Sprintf("b%02d.nsl", i)] = "ns red\nexpect not ns red\n"
	}
	r := startTest(t, scripts, "-j", "2", "--format", "pretty", "--format", "json=out.json")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stdout = write
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	read.Close()
	if code := r.wait(t); code != diag.ExitMachine {
		t.Errorf("exit code %d\n%s", code, r.err.String())
	}
	if !strings.Contains(r.err.String(), "cannot write the report to standard output: broken pipe [NSL142]") {
		t.Errorf("it says: %s", r.err.String())
	}
	list := events(t, filepath.Join(r.dir, "out.json"))
	if last := list[len(list)-1]; last.Type != report.TypeSummary || last.Statuses[report.Passed] < 1 {
		t.Errorf("the other report ends with %+v", last)
	}
}

// A lab that is killed is one that broke off, not one that passed. A program in it
// cannot do that.
func TestKilledScriptIsNoPass(t *testing.T) {
	r := startTest(t, map[string]string{"a.nsl": "ns red\nexpect ns red\nexec host sh -c 'kill -9 $PPID; kill -9 1; kill -9 -1; echo > began; exec sleep 600'\n", "b.nsl": quickLab},
		"-j", "1", "--format", "json=out.json")
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, missing(filepath.Join(r.dir, "began")))
	for _, pid := range withToken(r.token) {
		if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(name) == "nsl-lab\n" {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if code := r.wait(t); code != diag.ExitMachine {
		t.Errorf("exit code %d\n%s%s", code, r.out.String(), r.err.String())
	}
	if got, want := statuses(events(t, filepath.Join(r.dir, "out.json"))), "a.nsl error\nb.nsl passed\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// What a script writes cannot be taken for a result of it.
func TestOutputIsNoResult(t *testing.T) {
	lie := `{"type":"file-end","status":"passed"}`
	r := startTest(t, map[string]string{"a.nsl": "ns red\nprint '" + lie + "'\nexec red sh -c 'echo \"$0\"; echo \"$0\" >&4; echo \"$0\" >&3; true' '" + lie + "'\nexpect not ns red\n"})
	if code := r.run(t); code != diag.ExitFailed || !strings.Contains(r.out.String(), "    | "+lie) {
		t.Errorf("exit code %d\n%s%s", code, r.out.String(), r.err.String())
	}
}

// Copies of one lab, with the same names and subnets, do not meet; and many cost
// no more memory than a few.
func TestCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	copies := 60
	switch {
	case raceEnabled:
		copies = 20
	case labtest.IsNightly():
		copies = 200
	}
	scripts := map[string]string{}
	for i := range copies {
		scripts[fmt.Sprintf("copy%03d.nsl", i)] = "ns red blue\nbridge sw <red blue> 10.0.0.0/24\nexpect ping red -> blue\nexpect not ping red -> 10.0.0.77 within 1ms\n"
	}
	before := hostState(t)
	r := startTest(t, scripts, "-j", "8", "--format", "json=out.json")
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak := make(chan int)
	stop := make(chan struct{})
	go func() { peak <- r.peakMemory(stop) }()
	code := r.wait(t)
	close(stop)
	most := <-peak
	t.Logf("%d copies: at most %d MB", copies, most>>10)
	if code != diag.ExitOK || most > 300<<10 && !raceEnabled {
		t.Errorf("exit code %d, %d MB\n%s%s", code, most>>10, r.out.String(), r.err.String())
	}
	if got := strings.Count(statuses(events(t, filepath.Join(r.dir, "out.json"))), " passed\n"); got != copies {
		t.Errorf("%d of %d passed", got, copies)
	}
	if after := hostState(t); after != before {
		t.Errorf("the machine changed:\n%s\nnow:\n%s", before, after)
	}
}

// peakMemory is the most memory that the processes of the run have at a time, each
// page that some of them share counted once: the proportional set size
// (proc_pid_smaps(5)), in kB.
func (r *testRun) peakMemory(stop <-chan struct{}) int {
	most := 0
	for {
		sum := 0
		for _, pid := range withToken(r.token) {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
			for line := range strings.Lines(string(text)) {
				var kb int
				if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kb); n == 1 {
					sum += kb
				}
			}
		}
		most = max(most, sum)
		select {
		case <-stop:
			return most
		case <-time.After(50 * time.Millisecond):
		}
	}
}
