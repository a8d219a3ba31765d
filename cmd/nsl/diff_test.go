package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A comparison only reads: the lab's process sends the kernel no message that makes, changes
// or deletes, and opens no file of /proc/sys for writing.
func TestDiffNeverWrites(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	script := labHome(t)
	token := token()
	up(t, token, script, "lab")
	inside := insideProcess(t, token)
	log := t.TempDir() + "/log"
	tracer := exec.Command(strace, "-f", "-qq", "-e", "trace=sendto,sendmsg,openat,write,unlinkat,mkdirat", "-o", log, "-p", strconv.Itoa(inside))
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- tracer.Wait() }()
	waitFor(t, func() string {
		select {
		case err := <-ended:
			t.Skipf("strace may not attach: %v", err)
		case <-time.After(time.Millisecond):
		}
		status, _ := os.ReadFile("/proc/" + strconv.Itoa(inside) + "/status")
		if strings.Contains(string(status), "TracerPid:\t"+strconv.Itoa(tracer.Process.Pid)+"\n") {
			return ""
		}
		return "strace does not attach"
	})
	if out, err := nslCommand(token, "diff", "lab").CombinedOutput(); err != nil {
		t.Errorf("nsl diff: %v\n%s", err, out)
	}
	if err := tracer.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ended
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for line := range strings.Lines(string(text)) {
		for _, bad := range []string{"O_WRONLY", "O_RDWR", "O_CREAT", "unlinkat(", "mkdirat("} {
			if strings.Contains(line, bad) {
				t.Error(line)
			}
		}
		for _, m := range regexp.MustCompile(`nlmsg_type=(\w+)`).FindAllStringSubmatch(line, -1) {
			if asked++; !asks(m[1]) {
				t.Error(line)
			}
		}
	}
	if asked == 0 {
		t.Fatalf("nothing was traced:\n%s", text)
	}
}

// asks reports whether a netlink message, by its name or number, is a question: of rtnetlink(7) each
// third of four, of nftables those of enum nf_tables_msg_types that get.
func asks(kind string) bool {
	n, err := strconv.ParseUint(kind, 0, 16)
	if err != nil {
		return strings.HasPrefix(kind, "RTM_GET") || strings.HasPrefix(kind, "NFNL_SUBSYS_NFTABLES")
	}
	const nftables = 10
	if n>>8 == nftables {
		return slices.Contains([]uint64{1, 4, 7, 10, 13, 16, 19, 23}, n&0xff)
	}
	return n < 256 && n%4 == 2
}

// insideProcess is the process of a lab that answers its clients.
func insideProcess(t *testing.T, token string) int {
	t.Helper()
	for _, pid := range withToken(token) {
		args, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		if string(args) == "nsl-lab\n" {
			return pid
		}
	}
	t.Fatalf("no process of the lab among %v", withToken(token))
	return 0
}
