package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/runtime/labtest"
	"nsl/runtime/rtnl"
)

// What a node more costs in requests to the kernel, by their kinds: that does not depend on
// how busy the machine is. Cables need no question as long as nothing but ops has changed the
// lab. The numbers are those of kernels that echo a new interface (Linux 6.2).
func TestRequestsOfANode(t *testing.T) {
	labtest.NeedSandbox(t)
	if !echoesLinks(t) {
		t.Skip("this kernel does not echo new interfaces")
	}
	const pair = "ns a%[1]d b%[1]d\nlink a%[1]d <-> b%[1]d\n"
	for name, c := range map[string]struct {
		before, each string
		want         map[string]int
	}{
		// The loopback of each is set up, too.
		"pairs":           {"", pair, map[string]int{"new link": 1, "new address": 2, "set link": 4}},
		"members":         {"ns r s\nbridge sw <r s>\n", "ns h%[1]d\nlink h%[1]d <-> host:p%[1]d noaddr\nattach p%[1]d -> sw\n", map[string]int{"new link": 1, "set link": 4, "get link": 3, "get addresses": 2}},
		"loop":            {"", "for i in %[1]d..%[1]d {\n  ns a$i b$i\n  link a$i <-> b$i\n}\n", map[string]int{"new link": 1, "new address": 2, "set link": 4}},
		"after a program": {"ns p\nexec p true\n", pair, map[string]int{"new link": 1, "new address": 2, "set link": 4, "get link": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			few, many := requestsOf(t, c.before, c.each, 2), requestsOf(t, c.before, c.each, 5)
			for kind, n := range few {
				many[kind] -= n
			}
			got := map[string]int{}
			for kind, n := range many {
				if n%3 != 0 {
					t.Errorf("%s: %d in three nodes", kind, n)
				}
				got[kind] = n / 3
			}
			maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// echoesLinks reports a kernel of at least Linux 6.2.
func echoesLinks(t *testing.T) bool {
	t.Helper()
	var name unix.Utsname
	var major, minor int
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	return major > 6 || major == 6 && minor >= 2
}

// requestsOf are the requests of a script by their kind.
func requestsOf(t *testing.T, before, each string, n int) (all map[string]int) {
	t.Helper()
	var script strings.Builder
	script.WriteString(before)
	for i := range n {
		fmt.Fprintf(&script, each, i+1)
	}
	if err := json.Unmarshal([]byte(labtest.InSandbox(t, "counts", script.String())), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// counts runs inside the sandbox.
func counts(script string, out io.Writer) error {
	// The first run makes what a process has once, as the mount of names.
	_ = (&faultyRun{script: script, at: -1}).run()
	seen := &counter{kinds: map[string]int{}}
	r := &faultyRun{script: script, at: -1, seen: seen}
	if err := r.run(); err != nil || r.code != diag.ExitOK {
		return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, err))
	}
	return json.NewEncoder(out).Encode(seen.kinds)
}

// counter counts requests.
type counter struct {
	mu    sync.Mutex
	kinds map[string]int
}

// Fault implements [rtnl.Faults].
func (c *counter) Fault(protocol, kind, _ int) rtnl.Fault {
	names := map[int]string{
		unix.RTM_NEWLINK: "new link", unix.RTM_SETLINK: "set link", unix.RTM_GETLINK: "get link", unix.RTM_DELLINK: "delete link",
		unix.RTM_NEWADDR: "new address", unix.RTM_GETADDR: "get addresses",
	}
	name := names[kind]
	if name == "" || protocol != unix.NETLINK_ROUTE {
		name = fmt.Sprintf("protocol %d, type %d", protocol, kind)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kinds[name]++
	return rtnl.Fault{}
}
