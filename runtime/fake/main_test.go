package fake_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// In the environment of the copy of this program that runs the tests in
// namespaces of its own, and of one that could not get any.
const (
	inSandbox = "NSL_FAKE_TEST_SANDBOX"
	noSandbox = "NSL_FAKE_TEST_NO_SANDBOX"
)

// TestMain runs the tests in user, mount, network and process namespaces of
// their own, so that none touches the machine.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(noSandbox) != "":
		os.Exit(m.Run())
	case os.Getenv(inSandbox) == "":
		os.Exit(runInSandbox())
	}
	if err := privateMounts(); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func self(env string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

func runInSandbox() int {
	cmd := self(inSandbox + "=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err := cmd.Run()
	if cmd.ProcessState == nil {
		cmd = self(noSandbox + "=" + err.Error())
		if err = cmd.Run(); cmd.ProcessState == nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return cmd.ProcessState.ExitCode()
}

// requireNetns skips a test that needs namespaces where there are none.
func requireNetns(t *testing.T) {
	t.Helper()
	why := os.Getenv(noSandbox)
	switch {
	case why == "":
	case strings.Contains(os.Getenv("NSL_REQUIRE"), "netns"):
		t.Fatal("no namespaces to test in:", why)
	default:
		t.Skip("no namespaces to test in:", why)
	}
}

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
