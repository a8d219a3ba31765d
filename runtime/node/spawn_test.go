package node

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func aProgram(argv ...string) plan.Program { return plan.Program{Argv: argv} }

func shellIn(script string) plan.Program { return aProgram("sh", "-c", script) }

// named are the processes of the sandbox that run a command.
func named(t *testing.T, command string) bool {
	t.Helper()
	out, err := exec.Command("pgrep", "-f", "^"+command+"$").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return len(out) > 0
}

// A program runs inside its node until it is stopped, with all that it started.
func TestSpawn(t *testing.T) {
	w := newWorld(t)
	before, none := descriptors(t), goleak.IgnoreCurrent()
	apply(t, w, plan.AddNS{Name: "red"}, plan.Start{Node: "red", ID: "a", Service: shellIn("sleep 71.5 & exec sleep 72.5")})
	list, err := w.Processes("red")
	if err != nil || len(list) != 2 || !slices.Equal(list[0].Argv, []string{"sleep", "72.5"}) && !slices.Equal(list[1].Argv, []string{"sleep", "72.5"}) {
		t.Fatalf("%+v, %v", list, err)
	}
	services, err := w.Services("red")
	if err != nil || len(services) != 1 || services[0].PID == 0 || services[0].Ended != "" {
		t.Fatalf("%+v, %v", services, err)
	}
	if host, err := w.Processes(plan.Host); err != nil || slices.ContainsFunc(host, func(p plan.Process) bool { return p.Name == "sleep" }) {
		t.Errorf("the host has it too: %+v, %v", host, err)
	}
	apply(t, w, plan.Stop{Node: "red", ID: "a"})
	until(t, "nothing of it runs", func() bool { return !named(t, "sleep 71.5") && !named(t, "sleep 72.5") })
	apply(t, w, plan.DelNS{Name: "red"})
	if err := errors.Join(w.Commit(), w.names.close()); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, none)
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors, before %d", now, before)
	}
}

// The end of a node, and that of the world, ends programs, also such as do not
// listen to SIGTERM.
func TestSpawnEnds(t *testing.T) {
	w := openWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"},
		plan.Start{Node: "red", ID: "a", Service: aProgram("sleep", "73.5")},
		plan.Start{Node: "blue", ID: "a", Service: shellIn(`trap "" TERM; echo ready; while :; do sleep 74.5; done`)},
		plan.Start{Node: "blue", ID: "b", Service: plan.Program{Argv: []string{"sleep", "75.5"}, PIDNamespace: true}},
		plan.DelNS{Name: "red"})
	if err := w.Commit(); err != nil || named(t, "sleep 73.5") {
		t.Errorf("red is gone, its program is not: %v", err)
	}
	inner, err := w.Processes("blue")
	if err != nil || !slices.ContainsFunc(inner, func(p plan.Process) bool { return p.Inner == 1 && p.PID > 1 && p.Name == "sleep" }) {
		t.Errorf("no process 1: %+v, %v", inner, err)
	}
	start := time.Now()
	apply(t, w, plan.Stop{Node: "blue", ID: "b"})
	if d := time.Since(start); d > termGrace/2 {
		t.Errorf("process 1, which gets no SIGTERM, took %v to end", d)
	}
	apply(t, w, plan.DelNS{Name: "blue"})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	for _, command := range []string{"sleep 74.5", "sleep 75.5"} {
		until(t, command+" has ended", func() bool { return !named(t, command) }) // a signal takes its time
	}
	if left, _ := os.ReadDir(runDir); slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "nsl-") }) {
		t.Errorf("files are left: %v", left)
	}
}

// A program that does not get ready is no service, and says what it printed.
func TestSpawnNotReady(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	on := func(s plan.Program) plan.Program {
		s.Ready, s.Wait = plan.Listen{Proto: "tcp", Port: 80}, 200*time.Millisecond
		return s
	}
	for _, c := range []struct {
		program       plan.Program
		what, printed string
	}{
		{on(shellIn("echo no; exit 3")), "it ended with exit code 3", "no\n"},
		{on(shellIn("kill -9 $$")), "it was ended by signal 9 (killed)", ""},
		{on(aProgram("true")), "it ended with exit code 0", ""},
		{on(shellIn("echo waiting; exec sleep 76.5")), "it does not listen on tcp 80 after 200ms", "waiting\n"},
	} {
		err := w.Apply(context.Background(), plan.Start{Node: "red", ID: "a", Service: c.program})
		var unready *plan.NotReady
		if !errors.As(err, &unready) || unready.What != c.what || unready.Printed != c.printed {
			t.Errorf("%s: %+v", c.program, err)
		}
	}
	for _, s := range []plan.Program{aProgram("no-such-program"), {Argv: []string{"no-such-program"}, PIDNamespace: true}} {
		if err := w.Apply(context.Background(), plan.Start{Node: "red", ID: "a", Service: s}); !errors.Is(err, exec.ErrNotFound) {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	late := shellIn("exec sleep 76.5")
	late.Ready = plan.Listen{Proto: "tcp", Port: 80}
	if err := w.Apply(ctx, plan.Start{Node: "red", ID: "a", Service: late}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if list, err := w.Services("red"); err != nil || len(list) != 0 || named(t, "sleep 76.5") {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.Apply(context.Background(), plan.Start{Node: "green", ID: "a", Service: aProgram("true")}); !errors.Is(err, plan.ErrNoNode) {
		t.Error(err)
	}
}

// The death of a program is reported once, with what it printed.
func TestEnded(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"},
		plan.Start{Node: "red", ID: "bad", Service: shellIn("echo oops; sleep 0.05; exit 3")},
		plan.Start{Node: "red", ID: "good", Service: shellIn("sleep 0.05")},
		plan.Start{Node: "red", ID: "web", Service: plan.HTTP{Port: 80}})
	var told []plan.Running
	until(t, "the death is reported", func() bool { told = append(told, w.Ended()...); return len(told) > 0 })
	if told[0].ID != "bad" || told[0].Ended != "it ended with exit code 3" || !strings.HasSuffix(told[0].Printed, "oops\n") {
		t.Errorf("%+v", told[0])
	}
	until(t, "the other has ended", func() bool {
		list, err := w.Services("red")
		return err == nil && list[1].Ended == "it ended"
	})
	if again := w.Ended(); len(again) != 0 {
		t.Errorf("reported again: %+v", again)
	}
	apply(t, w, plan.Stop{Node: "red", ID: "bad"})
}

// Programs see the node's files, and the world outside keeps its own.
func TestNodeFiles(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base(plan.AddAddr{Node: "blue", Link: "veth-blue", Addr: pfx("192.168.15.2/24")},
		plan.AddName{Node: "blue", Name: "www.lab"},
		plan.SetResolver{Node: "red", Resolver: plan.Resolver{Servers: []netip.Addr{ip("192.168.15.2")}, Search: []string{"lab"}}})...)
	hosts, err := os.ReadFile(etcHosts)
	if err != nil {
		t.Skip(err)
	}
	var out bytes.Buffer
	script := "cat /etc/hosts /etc/resolv.conf; ls /sys/class/net; echo spoiled >> /etc/hosts"
	if code, err := w.Exec(context.Background(), "red", []string{"sh", "-c", script}, plan.Streams{Out: &out}); code != 0 || err != nil {
		t.Fatal(code, err, out.String())
	}
	want := "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n192.168.15.2\tblue www.lab\n" +
		"192.168.15.1\tred\nfd00::1\tred\nnameserver 192.168.15.2\nsearch lab\nlo\nveth-red\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	if now, err := os.ReadFile(etcHosts); err != nil || !bytes.Equal(now, hosts) {
		t.Errorf("the machine's file is another: %s, %v", now, err)
	}
	reply, err := w.Lookup(context.Background(), plan.Lookup{Node: "red", Name: "WWW.lab", Wait: time.Second})
	if err != nil || len(reply.Addrs) != 1 || reply.Addrs[0] != ip("192.168.15.2") {
		t.Errorf("%+v, %v", reply, err)
	}
	for _, op := range []plan.Op{plan.AddName{Node: "blue", Name: "www.lab"}} {
		if err := w.Apply(context.Background(), op); !errors.Is(err, unix.EEXIST) {
			t.Error(err)
		}
	}
	if err := w.Apply(context.Background(), plan.DelName{Node: "blue", Name: "no.lab"}); !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
}

// What a program mounts as a name is seen outside: ip netns add in a program.
func TestProgramNamesNamespaces(t *testing.T) {
	w := newWorld(t)
	if code, err := w.Exec(context.Background(), plan.Host, []string{"ip", "netns", "add", "green"}, streams()); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	if has, err := w.HasNode("green"); !has || err != nil {
		t.Error(has, err)
	}
	apply(t, w, plan.AddBridge{Node: "green", Name: "br0"})
}

// Who listens is shown by address, port and program.
func TestSockets(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.SetUp{Node: "red", Name: "lo"},
		plan.Start{Node: "red", ID: "http:80", Service: plan.HTTP{Port: 80}},
		plan.Start{Node: "red", ID: "udp:7", Service: plan.Echo{Proto: "udp", Port: 7, Addr: ip("127.0.0.1")}})
	got, err := w.Sockets("red")
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if s := got[0]; s.Proto != "tcp" || s.Local.String() != "[::]:80" || s.Program != "nsl http:80" {
		t.Errorf("%+v", s)
	}
	if s := got[1]; s.Proto != "udp" || s.Local.String() != "127.0.0.1:7" || s.Program != "nsl udp:7" {
		t.Errorf("%+v", s)
	}
	if host, err := w.Sockets(plan.Host); err != nil || len(host) != 0 {
		t.Errorf("the host: %+v, %v", host, err)
	}
}
