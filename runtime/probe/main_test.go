package probe

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// inSandbox marks the test binary that runs in namespaces of its own.
const inSandbox = "NSL_PROBE_TEST_SANDBOX"

// TestMain starts the test binary again in new user, mount, network and PID
// namespaces: the tests that follow may build networks, for root and ordinary
// users alike, and nothing of them outlives the binary.
func TestMain(m *testing.M) {
	if os.Getenv(inSandbox) == "" {
		os.Exit(enterSandbox())
	}
	if err := furnish(); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func enterSandbox() int {
	c := exec.Command("/proc/self/exe", os.Args[1:]...)
	c.Env = append(os.Environ(), inSandbox+"=1")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	// The death signal is sent when the starting thread ends.
	runtime.LockOSThread()
	err := c.Run()
	if c.ProcessState != nil {
		return c.ProcessState.ExitCode()
	}
	if strings.Contains(os.Getenv("NSL_REQUIRE"), "netns") {
		fmt.Fprintln(os.Stderr, "NSL_REQUIRE has netns, but no namespaces:", err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "skipped: no user namespaces here:", err)
	return 0
}

// furnish gives the sandbox its own /proc and /run.
func furnish() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	return run("ip", "link", "set", "lo", "up")
}

// run runs a program of the machine.
func run(argv ...string) error {
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, out)
	}
	return nil
}

// build gives lines to ip -batch. The nodes that it names with "netns add" are
// deleted when the test ends.
func build(t testing.TB, lines ...string) {
	t.Helper()
	var nodes []string
	for _, l := range lines {
		if name, ok := strings.CutPrefix(l, "netns add "); ok {
			nodes = append(nodes, name)
		}
	}
	t.Cleanup(func() { remove(t, nodes) })
	batch(t, lines...)
}

// batch runs lines of ip(8), each one optionally with "-n NODE" in front; lines
// of one node that follow each other share a process.
func batch(t testing.TB, lines ...string) {
	t.Helper()
	for len(lines) > 0 {
		node, n := nodeOf(lines[0]), 1
		for n < len(lines) && nodeOf(lines[n]) == node {
			n++
		}
		c := exec.Command("ip", "-batch", "-")
		if node != "" {
			c.Args = []string{"ip", "-n", node, "-batch", "-"}
		}
		prefix := "-n " + node + " "
		c.Stdin = strings.NewReader(strings.ReplaceAll("\n"+strings.Join(lines[:n], "\n")+"\n", "\n"+prefix, "\n"))
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("ip -batch: %v: %s", err, out)
		}
		lines = lines[n:]
	}
}

func nodeOf(line string) string {
	if words := strings.Fields(line); words[0] == "-n" {
		return words[1]
	}
	return ""
}

func remove(t testing.TB, nodes []string) {
	for _, n := range nodes {
		if err := run("ip", "netns", "del", n); err != nil {
			t.Error(err)
		}
	}
}

// in runs a program in a node and gives its output.
func in(t testing.TB, node string, argv ...string) string {
	t.Helper()
	out, err := exec.Command("ip", append([]string{"netns", "exec", node}, argv...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s: %v: %s", node, strings.Join(argv, " "), err, out)
	}
	return string(out)
}

// inside enters a node that "ip netns add" made.
func inside(node string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		// Not unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		ns, err := os.Open("/run/netns/" + node)
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			ns.Close()
		}
		if err == nil {
			err = f()
		}
		result <- err
	}()
	return <-result
}
