package sandbox

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newToken is an environment variable that marks the processes of one sandbox.
func newToken(t testing.TB) string {
	t.Helper()
	return "NSL_TOKEN=" + rand.Text()
}

// processes1 are the numbers in /proc.
func processes1() []string {
	entries, _ := os.ReadDir("/proc")
	var pids []string
	for _, e := range entries {
		if number(e.Name()) > 0 {
			pids = append(pids, e.Name())
		}
	}
	return pids
}

// holding are the processes with the token in their environment.
func holding(token string) []int {
	var found []int
	for _, pid := range processes1() {
		env, err := os.ReadFile("/proc/" + pid + "/environ")
		if err == nil && bytes.Contains(env, []byte(token)) {
			found = append(found, number(pid))
		}
	}
	return found
}

func pick(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}

// TestKilledAtRandomMoments kills one process of a sandbox, of any role, at a
// random moment from before the clone to long after the set-up, and then the
// supervisor if that was not it.
func TestKilledAtRandomMoments(t *testing.T) {
	requireSandbox(t)
	rounds := 100
	switch {
	case testing.Short():
		rounds = 10
	case os.Getenv("NSL_NIGHTLY") != "":
		rounds = 1000
	}
	roles, worst := map[string]int{}, time.Duration(0)
	for range rounds {
		token := newToken(t)
		name := "nsl" + strings.ToLower(token[len(token)-10:])
		cmd := exec.Command("/proc/self/exe", "supervise", "daemons", name)
		cmd.Env = append(os.Environ(), token)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(pick(60)) * time.Millisecond) // the moment, not a wait
		pids := holding(token)
		if len(pids) == 0 {
			pids = []int{cmd.Process.Pid}
		}
		victim := pids[pick(len(pids))]
		killed := role(victim)
		roles[killed]++
		_ = syscall.Kill(victim, syscall.SIGKILL) // it may be gone already
		if !slices.Contains([]string{"exe", initName, childName}, killed) {
			_ = cmd.Process.Kill() // the sandbox may well live on without the others
		}
		start := time.Now()
		if !eventually(func() bool { return len(holding(token)) == 0 }) {
			t.Fatalf("left after killing %s: %v", killed, holding(token))
		}
		worst = max(worst, time.Since(start))
		_ = cmd.Wait()
		checkNothingLeft(t, name)
	}
	t.Log("killed:", roles, "the slowest end took", worst)
}

// role is what a process goes by. A child of the lab that has not called exec
// yet is another role than the lab, though it has its name: os/exec forks one
// that only tries whether the kernel has pidfds, and the lab does not miss it.
func role(pid int) string {
	name := firstWord(pid)
	if name == childName && firstWord(parent(pid)) == childName {
		return "fork of " + childName
	}
	return name
}

// firstWord is how a process was started (proc_pid_cmdline(5)).
func firstWord(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || len(b) == 0 {
		return "gone"
	}
	word, _, _ := strings.Cut(string(b), "\x00")
	return filepath.Base(word)
}

// parent is the fourth field of proc_pid_stat(5); the second may hold spaces.
func parent(pid int) int {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if err != nil || len(fields) < 2 {
		return 0
	}
	return number(fields[1])
}

// running counts a sandbox's processes of one role.
func running(token, what string) (n int) {
	for _, pid := range holding(token) {
		if role(pid) == what {
			n++
		}
	}
	return n
}

// checkNothingLeft looks for the names that taskDaemons makes.
func checkNothingLeft(t *testing.T, name string) {
	t.Helper()
	for _, path := range []string{"/run/netns/" + name, "/tmp/" + name} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), name) {
		t.Errorf("a mount is left (%v): %s", err, mounts)
	}
}

// TestOneDeadEndsAll kills each of the three processes in turn, once daemons
// are running, and nothing else.
func TestOneDeadEndsAll(t *testing.T) {
	requireSandbox(t)
	for _, victim := range []string{"exe", initName, childName} {
		token := newToken(t)
		name := "nsl" + strings.ToLower(token[len(token)-10:])
		cmd := exec.Command("/proc/self/exe", "supervise", "daemons", name)
		cmd.Env = append(os.Environ(), token)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if !eventually(func() bool { return running(token, "sleep") == 2 }) {
			t.Fatal("daemons do not start: ", holding(token))
		}
		for _, pid := range holding(token) {
			if role(pid) == victim {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !eventually(func() bool { return len(holding(token)) == 0 }) {
			t.Errorf("%s killed, left: %v", victim, holding(token))
		}
		_ = cmd.Wait()
		checkNothingLeft(t, name)
	}
}
