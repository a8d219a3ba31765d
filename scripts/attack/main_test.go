package attack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutLandlock makes the test binary run a command as on a kernel that has
// no Landlock.
const withoutLandlock = "without-landlock"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == withoutLandlock {
		runtime.LockOSThread()
		err := forbid(unix.SYS_LANDLOCK_CREATE_RULESET, unix.ENOSYS)
		if err == nil {
			err = syscall.Exec(os.Args[2], os.Args[2:], os.Environ())
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(built())
	os.Exit(code)
}

// built is a directory that every user may enter, for the program under test.
var built = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("/var/tmp", "nsl-attack-bin-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		panic(err)
	}
	return dir
})

// forbid makes a system call fail in this thread and what it starts (seccomp(2)).
func forbid(number uint32, with unix.Errno) error {
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(with)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&fprog)), 0, 0)
}

// binary is the program under test, where every user can start it: a copy of the one that
// NSL_BINARY names, or one built here.
func binary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(built(), "nsl")
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	if made := os.Getenv("NSL_BINARY"); made != "" {
		copyFile(t, made, bin)
		return bin
	}
	build := exec.Command("go", "build", "-o", bin, "nsl/cmd/nsl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	requireSandbox(t, bin)
	return bin
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	program, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func requireSandbox(t *testing.T, bin string) {
	t.Helper()
	cmd := exec.Command(bin, "run", "-")
	cmd.Stdin = strings.NewReader("ns red\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(os.Getenv("NSL_REQUIRE"), "netns") {
			t.Fatalf("no lab runs here: %s", out)
		}
		t.Skipf("no lab runs here: %s", out)
	}
}
