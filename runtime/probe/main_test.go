package probe

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/labtest"
)

func TestMain(m *testing.M) {
	labtest.Enter()
	if err := loopbackUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// loopbackUp does without ip, which may be missing.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	flags, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	flags.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, flags)
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
	labtest.NeedPrograms(t, "ip")
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
	labtest.NeedPrograms(t, "ip")
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
	labtest.NeedPrograms(t, "ip", argv[0])
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
