package labtest

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// In the environment of the copy of the test binary that runs the tests, of one that
// could not get any namespaces, and of one that runs a single test.
const (
	inside = "NSL_TEST_SANDBOX"
	none   = "NSL_TEST_NO_SANDBOX"
	alone  = "NSL_TEST_ALONE"
)

// Enter is the beginning of TestMain in a package of which every test needs
// namespaces: it returns inside of new user, mount, network and PID namespaces,
// in which root and ordinary users may build networks, and of which nothing
// outlives the test binary. Where there are none the process ends with no test
// run, and with a failure if NSL_REQUIRE has netns. It uses nothing of nsl.
func Enter() {
	TryEnter()
	if why := os.Getenv(none); why != "" {
		fmt.Fprintln(os.Stderr, "no namespaces to test in:", why)
		if Required("netns") {
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// TryEnter is Enter for a package of which some tests need namespaces; these
// call NeedNamespaces.
func TryEnter() {
	FindPrograms()
	switch {
	case os.Getenv(none) != "":
	case os.Getenv(inside) == "":
		os.Exit(again())
	default:
		if err := privateMounts(); err != nil {
			fmt.Fprintln(os.Stderr, "sandbox:", err)
			os.Exit(1)
		}
	}
}

// NeedNamespaces is for a test that needs the namespaces of TryEnter: where there
// are none it ends, as Lacks says of the feature netns.
func NeedNamespaces(t testing.TB) {
	t.Helper()
	if why := os.Getenv(none); why != "" {
		Lacks(t, "netns", why)
	}
}

// Alone is for a test, or a part of one, of a package that begins with Enter or
// TryEnter, which waits more than it computes: it runs in namespaces and a process of
// its own, beside others. There Alone returns true, and the test does its work.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(alone) == t.Name() {
		return true
	}
	NeedNamespaces(t)
	t.Parallel()
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run="+pattern)
	cmd.Env = append(os.Environ(), inside+"=", alone+"="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()+" ") {
		t.Errorf("in namespaces of its own: %v\n%s", err, out)
	}
	return false
}

// again runs this program once more, in namespaces or, if there are none, with
// a word of why.
func again() int {
	// The death signal is sent when the starting thread ends (prctl(2)).
	runtime.LockOSThread()
	cmd := self(inside + "=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err := cmd.Run()
	if cmd.ProcessState == nil {
		cmd = self(none + "=" + err.Error())
		if err = cmd.Run(); cmd.ProcessState == nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return cmd.ProcessState.ExitCode()
}

func self(env string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// privateMounts gives the sandbox its own /proc and /run.
func privateMounts() error {
	for _, m := range []struct {
		source, target, fstype string
		flags                  uintptr
	}{
		{"none", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		{"proc", "/proc", "proc", 0},
		{"tmpfs", "/run", "tmpfs", 0},
	} {
		if err := unix.Mount(m.source, m.target, m.fstype, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return nil
}
