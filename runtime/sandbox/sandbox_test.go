package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nsl/runtime/outside"
)

// deadline is for what takes milliseconds when it works.
const deadline = 10 * time.Second

func eventually(holds func() bool) bool {
	end := time.After(deadline)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-end:
			return holds()
		}
	}
	return true
}

// requireSandbox skips where this machine has no sandbox.
func requireSandbox(t testing.TB) {
	t.Helper()
	f, err := Inspect(context.Background())
	if err == nil && f.Refused == nil {
		return
	}
	if strings.Contains(os.Getenv("NSL_REQUIRE"), "netns") {
		t.Fatal(err, f.Refused)
	}
	t.Skip(err, f.Refused)
}

// inside runs a task and returns its exit code and output.
func inside(t testing.TB, c Config) (int, string) {
	t.Helper()
	requireSandbox(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c.Stdout, c.Stderr = w, os.Stderr
	output := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		output <- string(b)
	}()
	exit, err := Run(context.Background(), c)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return exit, <-output
}

func shell(t testing.TB, script string) (int, string) {
	t.Helper()
	return inside(t, Config{Args: []string{"sh", script}})
}

func look1(t testing.TB, c Config) state {
	t.Helper()
	c.Args = []string{"state"}
	exit, text := inside(t, c)
	var s state
	if err := json.Unmarshal([]byte(text), &s); err != nil || exit != 0 {
		t.Fatalf("exit %d, %v: %q", exit, err, text)
	}
	return s
}

func TestProcessesAndNamespacesAreItsOwn(t *testing.T) {
	s := look1(t, Config{})
	if s.PID != 1 || s.Parent != 0 || s.UID != 0 {
		t.Errorf("PID %d, parent %d, UID %d; want 1, 0, 0", s.PID, s.Parent, s.UID)
	}
	for _, kind := range namespaceKinds {
		outer, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil || outer == s.Namespaces[kind] {
			t.Errorf("%s namespace: inside %q, outside %q, %v", kind, s.Namespaces[kind], outer, err)
		}
	}
	if len(s.Interfaces) != 1 || !strings.Contains(s.Interfaces["lo"], "up") {
		t.Errorf("interfaces %v, want lo alone, up", s.Interfaces)
	}
	if len(s.Notes) != 0 {
		t.Errorf("notes %q, want none here", s.Notes)
	}
}

func TestOnlyStandardStreamsAreOpen(t *testing.T) {
	// A descriptor without close-on-exec, as a make jobserver leaves them.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	stray, err := syscall.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(stray)
	// Go's runtime has the control group's files, of the old root too, and its poller
	// open; 6 is the tie.
	own := regexp.MustCompile(`^(0 /dev/null|1 pipe:.*|2 .*|6 pipe:.*|\d+ (/sys/fs/cgroup/.*|/cpu\.\S+)|\d+ anon_inode:.*)$`)
	for _, d := range look1(t, Config{}).Descriptors {
		if !own.MatchString(d) {
			t.Errorf("open in the child: %s", d)
		}
	}
	_, fds := shell(t, "ls /proc/self/fd")
	if fds != "0\n1\n2\n3\n" { // 3 is ls's own
		t.Errorf("open in a program of the lab: %q", fds)
	}
}

func TestUmaskIsTheUsers(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	if got := look1(t, Config{}).Umask; got != 0o077 {
		t.Errorf("umask %o, want 077", got)
	}
	if _, modes := shell(t, "stat -c %a / /run /run/netns /tmp /dev/shm"); modes != "755\n755\n755\n1777\n1777\n" {
		t.Errorf("modes %q", modes)
	}
}

func TestRunAndTmpArePrivate(t *testing.T) {
	// What of /tmp stays visible is for other tests: here nothing needs it.
	t.Setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
	t.Chdir("/")
	outer := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outer, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	name := "nsl-" + filepath.Base(filepath.Dir(t.TempDir()))
	exit, out := shell(t, "test ! -e "+outer+" && ls -A /run /tmp && touch /tmp/"+name+" /run/"+name+" && mount | grep -c 'on /run type tmpfs'")
	want := "/run:\nhome\nnetns\n\n/tmp:\n1\n"
	if strings.HasPrefix(target("/etc/resolv.conf"), "/run") {
		want = out
	}
	if exit != 0 || out != want {
		t.Errorf("exit %d, %q, want %q", exit, out, want)
	}
	for _, path := range []string{"/tmp/" + name, "/run/" + name} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is outside: %v", path, err)
		}
	}
}

func TestProgramsOfTheMachineSeeTheLabOnly(t *testing.T) {
	exit, out := shell(t, "ls /sys/class/net; ip -o link | wc -l; ps -o comm= 1; cat /proc/net/dev | grep -c :; ip netns add a && ip netns")
	if want := "lo\n1\nnsl-lab\n1\na\n"; exit != 0 || strings.ReplaceAll(out, " ", "") != want {
		t.Errorf("exit %d, %q, want %q", exit, out, want)
	}
}

// The working directory is there, empty and read-only, unless it was bound.
func TestFilesOfTheUserAreNotThere(t *testing.T) {
	for _, dir := range []string{".", t.TempDir()} {
		t.Chdir(dir)
		cwd, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		exit, out := shell(t, "pwd -P; ls -A; exec 2>/dev/null; ls $HOME/.??*; touch new")
		if exit == 0 || out != cwd+"\n" {
			t.Errorf("%s: exit %d, %q", cwd, exit, out)
		}
	}
}

func TestBinds(t *testing.T) {
	for _, parent := range []string{"/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(parent, "nsl-binds-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		for _, d := range []string{dir, filepath.Join(dir, "deep"), filepath.Join(dir, "deep", "er"), filepath.Join(dir, "read")} {
			_ = os.Mkdir(d, 0o777)
			if err := os.Chmod(d, 0o777); err != nil { // whatever the umask
				t.Fatal(err)
			}
		}
		script := "cd " + dir + " && echo a > deep/er/new && cat deep/er/new && ls && touch read/new 2>/dev/null"
		exit, out := inside(t, Config{Args: []string{"sh", script}, Dir: dir, Binds: []Bind{
			{Path: filepath.Join(dir, "deep"), Write: true}, {Path: filepath.Join(dir, "read")}}})
		if exit == 0 || out != "a\ndeep\nread\n" {
			t.Errorf("exit %d, %q", exit, out)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "deep", "er", "new")); string(text) != "a\n" {
			t.Errorf("%q, %v", text, err)
		}
	}
}

// What only root may enter is there for root's lab if it was bound, and what the
// lab writes is root's.
func TestBindsOfRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("root's lab is another user's")
	}
	dir := filepath.Join(t.TempDir(), "deep")
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o700), os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600)); err != nil {
		t.Fatal(err)
	}
	exit, out := inside(t, Config{Args: []string{"sh", "cat old && stat -c %u . && echo new > new && rm old"}, Dir: dir, Binds: []Bind{{Path: dir, Write: true}}})
	if exit != 0 || out != "old0\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
	info, err := os.Stat(filepath.Join(dir, "new"))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	if exit, _ := inside(t, Config{Args: []string{"sh", "echo new > new"}, Dir: dir, Binds: []Bind{{Path: dir}}}); exit == 0 {
		t.Error("what may be read is written")
	}
}

// What is mounted from outside can be neither changed nor taken away, which the
// kernel holds: these programs are not confined.
func TestMountsAreLocked(t *testing.T) {
	exit, out := shell(t, `exec 2>/dev/null; for d in / /usr /etc /etc/hosts /tmp /run /dev/null; do
		umount -l $d && echo umount $d
		mount -o remount,bind,rw $d && case $d in /tmp|/run|/dev/null) ;; *) echo remount $d ;; esac
		mount -o remount,bind,suid,dev $d && case $d in /dev/null) ;; *) echo suid $d ;; esac
	done
	mkdir /tmp/b && mount --rbind / /tmp/b && umount /tmp/b/usr && echo umount copy
	mount -o remount,bind,rw /tmp/b/usr && echo remount copy
	umount -l /proc && ls /proc/1 && echo proc
	exit 0`)
	if exit != 0 || out != "" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

// The lab gets what the person names, opened outside with the person's rights.
func TestOutside(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("its text"), 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	kept := ""
	exit, out := inside(t, Config{Args: []string{"ask", name, "/nowhere"}, Person: &outside.Person{Opens: true,
		Keep: func(line string) error {
			mu.Lock()
			defer mu.Unlock()
			kept += line
			return nil
		}}})
	mu.Lock()
	defer mu.Unlock()
	want := "its text <nil>\n open /nowhere: no such file or directory\n"
	if exit != 0 || out != want || kept != name+"/nowhere" {
		t.Errorf("exit %d, %q, want %q, kept %q", exit, out, want, kept)
	}
	if exit, out := inside(t, Config{Args: []string{"ask", name}}); exit != 3 || out != "" {
		t.Errorf("without a person: exit %d, %q", exit, out)
	}
}

func TestPathBelowTmpIsKept(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "nsl-path-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "mine"), []byte("#!/bin/sh\necho here"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	if exit, out := shell(t, "mine"); exit != 0 || out != "here\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

func TestExitCodes(t *testing.T) {
	for _, want := range []int{0, 1, 2, 3, 130, 255} {
		if got, _ := inside(t, Config{Args: []string{"exit", fmt.Sprint(want)}}); got != want {
			t.Errorf("exit %d, want %d", got, want)
		}
	}
}

func TestPayloadAndEnvironment(t *testing.T) {
	for _, size := range []int{0, 1, 5 << 20} {
		payload := bytes.Repeat([]byte("nsl\x00\xff"), size/5+1)[:size]
		want := fmt.Sprintf("%d %x", size, sha256.Sum256(payload))
		if exit, got := inside(t, Config{Args: []string{"payload"}, Payload: payload}); exit != 0 || got != want {
			t.Errorf("exit %d, %q, want %q", exit, got, want)
		}
		// A child that does not read it to its end must not block the supervisor.
		if exit, _ := inside(t, Config{Args: []string{"exit", "4"}, Payload: payload}); exit != 4 {
			t.Errorf("exit %d, want 4", exit)
		}
	}
	env := append(os.Environ(), "NSL_WORD=red blue")
	if _, got := inside(t, Config{Args: []string{"sh", `echo "$NSL_WORD"`}, Env: env}); got != "red blue\n" {
		t.Errorf("environment: %q", got)
	}
}

func TestOrphansAreReapedAndChildrenKeepTheirCodes(t *testing.T) {
	if exit, out := inside(t, Config{Args: []string{"children", "200"}}); exit != 0 || out != "all ended\n" {
		t.Errorf("exit %d: %s", exit, out)
	}
}

func TestTwentyAtOnce(t *testing.T) {
	requireSandbox(t)
	type result struct {
		exit int
		err  error
	}
	results := make(chan result)
	for i := range 20 {
		go func() {
			exit, err := Run(context.Background(), Config{Args: []string{"exit", fmt.Sprint(100 + i)}, Stderr: os.Stderr})
			results <- result{exit, err}
		}()
	}
	var exits []int
	for range 20 {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		exits = append(exits, r.exit)
	}
	slices.Sort(exits)
	for i, exit := range exits {
		if exit != 100+i {
			t.Fatalf("exits %v", exits)
		}
	}
}

func TestContextEndsEverything(t *testing.T) {
	requireSandbox(t)
	token := newToken(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		eventually(func() bool { return len(holding(token)) >= 3 })
		cancel()
	}()
	exit, err := Run(ctx, Config{Args: []string{"sh", "sleep 1000"}, Env: append(os.Environ(), token), Stderr: os.Stderr})
	if exit != 137 || !errors.Is(err, context.Canceled) {
		t.Errorf("exit %d, %v", exit, err)
	}
	if left := holding(token); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestClosedStreamsAndNoTerminal(t *testing.T) {
	requireSandbox(t)
	binary, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	cmd := exec.Command("setsid", "sh", "-c", `exec /proc/self/fd/3 supervise sh 'readlink /proc/self/fd/0; exit 5' <&- 2>&-`)
	cmd.ExtraFiles = []*os.File{binary}
	out, err := cmd.Output()
	if exitOf(err) != 5 || string(out) != "/dev/null\n" {
		t.Errorf("%v, %q", err, out)
	}
}
