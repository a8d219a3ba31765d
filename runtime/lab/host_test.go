package lab

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/host"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/stdlib"
)

// The tests play the machine in namespaces of their own.

// hostLabs are labs that are on the machine, with what each does to it.
var hostLabs = map[string]string{
	"bridge and NAT": `ns red blue
bridge v-net-0 <red blue>
nat 192.168.15.0/24
publish 8080 -> blue:80
expect ping red -> blue
expect ping host -> red`,
	"real interfaces": `ns red
bridge br0 <red> noaddr
attach eth1 -> br0
up eth1
addr eth1 10.9.0.1/24
route host 10.8.0.0/16 via 10.9.0.2
rule host from 10.8.0.0/16 table 100`,
	"comes and goes": `ns red blue
link red <-> host 10.7.0.0/24
veth a0 <-> red:a1
mac a0 02:11:22:33:44:55
rename a0 -> a2
move red:a1 -> host
test "while red is down" {
	ns green
	link green <-> host
	down red:veth-red
	expect not link red:veth-red up
}
sysctl host net.ipv4.conf.all.arp_ignore=2
block red -> 10.1.2.3 on host
delete blue`,
	// What the person may be connected by, with --confirm.
	"the way out": `ns red
bridge br0 <red> noaddr
del addr eth0 203.0.113.5/24
attach eth0 -> br0
addr br0 203.0.113.5/24
route host default via 203.0.113.1
down eth1
addr eth1 10.5.0.1/24`,
	"a router with two rooms": `ns a b
link a <-> host:room1 10.7.1.0/24
link b <-> host:room2 10.7.2.0/24
forward host
nat 10.7.1.0/24
block a -> b on host`,
	"both families": `auto dual
for i in 1..4 { ns h$i }
bridge sw <h1 h2 h3 h4>
publish 8080 -> <h1:80 h2:80>
block h1 -> h2 udp on host
expect ping h1 -> h4`,
	"overlay": `ns far
link far <-> host 10.6.0.0/24
vxlan host:vx0 id 7 remote 10.6.0.1 local 10.6.0.2
addr vx0 10.66.0.1/24
macvlan host:room on eth1
up room
mtu room 1400
mac room 02:00:00:00:00:77`,
	"policy": `ns red
link red <-> host 10.5.0.0/24
route host 10.4.0.0/16 via 10.5.0.1 table 100
rule host to 10.4.0.0/16 table 100
rule host fwmark 7 blackhole
neigh host 10.5.0.9 mac 02:00:00:00:00:09
sysctl host net.ipv4.conf.eth1.proxy_arp=1
del rule host fwmark 7
down host:veth-host
up host:veth-host`,
	"undone on the way": `ns red
bridge br0 <red>
attach eth1 -> br0
detach eth1
test "another" { down eth1; addr eth1 10.3.0.1/24; del addr eth1 10.3.0.1/24 }
route host 10.2.0.0/16 via 192.168.15.1
del route host 10.2.0.0/16
delete br0`,
	"routes go": `del route host default
addr eth0 203.0.113.9/24
down eth0`,
}

// playMachine makes a machine with two interfaces, of which one has the default route.
func playMachine(t *testing.T) {
	t.Helper()
	w := hostKernel(t)
	for _, op := range []plan.Op{
		plan.Baseline{Node: plan.Host},
		plan.SetUp{Node: plan.Host, Name: plan.Loopback},
		plan.AddNS{Name: "outside"},
		plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: "eth0"}, B: plan.LinkEnd{Node: "outside", Name: "wan0"}},
		plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: "eth1"}, B: plan.LinkEnd{Node: "outside", Name: "wan1"}},
		plan.SetUp{Node: plan.Host, Name: "eth0"},
		plan.SetUp{Node: plan.Host, Name: "eth1"},
		plan.AddAddr{Node: plan.Host, Link: "eth0", Addr: netip.MustParsePrefix("203.0.113.5/24")},
		plan.AddRoute{Node: plan.Host, Route: plan.Route{Dst: netip.MustParsePrefix("0.0.0.0/0"), Hops: []plan.NextHop{{Via: netip.MustParseAddr("203.0.113.1")}}}},
	} {
		apply(t, w, op)
	}
}

// hostKernel opens the machine.
func hostKernel(t *testing.T) *World {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func dumpHost(t *testing.T) (text string) {
	t.Helper()
	err := reading(func(w *World) (err error) {
		text, err = labtest.Dump(w, labtest.MACs, labtest.Indexes, labtest.Order, labtest.Settings)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// killed ends what runs at a point as kill -9 would: nothing of it runs any more.
type killed struct{}

// mortal is a machine on which the process is killed at a point: before an op, after it, or
// before a namespace gets its name.
type mortal struct {
	*World
	left int
}

func (m *mortal) point() {
	if m.left--; m.left == 0 {
		panic(killed{})
	}
}

func (m *mortal) Apply(ctx context.Context, op plan.Op) error {
	m.point()
	err := m.World.Apply(ctx, op)
	m.point()
	return err
}

func (m *mortal) Mark(text string, naming func(string, uint64) error) {
	m.World.Mark(text, func(name string, inode uint64) error {
		err := naming(name, inode)
		m.point()
		return err
	})
}

// upKilled builds a lab and is killed at a point; it reports whether it came to that.
func upKilled(t *testing.T, text string, at int) (died bool) {
	t.Helper()
	world, err := New()
	if err != nil {
		t.Fatal(err)
	}
	mark := host.NewMark()
	journal, err := host.Create(host.Record{Kind: host.Begun, Name: "lab", Mark: mark})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		what := recover()
		if _, died = what.(killed); what != nil && !died {
			panic(what)
		}
		if err := errors.Join(world.Close(), journal.Close()); err != nil {
			t.Error(err)
		}
	}()
	policy, err := hostPolicy(world, HostOptions{Forwarding: true, Confirm: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	on := hostWorld{world, host.NewWorld(&mortal{world, at}, policy, journal, mark)}
	r := hostSetup().newRun(script.Script{Name: "lab.nsl", Text: text, Options: script.DefaultOptions()}, verb.Streams{})
	var out bytes.Buffer
	r.observe(&report.Console{Out: &out, Err: &out, Text: diag.Text{Set: r.set}})
	if err := r.on(t.Context(), on); err != nil || r.failed > 0 {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return false
}

func hostSetup() Setup {
	return Setup{Language: script.Language{Table: stdlib.Table(), Library: stdlib.Std()}}
}

// Killed at any op, before and after it, a lab is cleaned up wholly by one nsl clean.
func TestHostKilledAtEachOp(t *testing.T) {
	if !labtest.Alone(t) {
		return
	}
	playMachine(t)
	before := dumpHost(t)
	step := 17
	if labtest.IsNightly() {
		step = 1
	}
	for name, text := range hostLabs {
		at := 1
		for ; upKilled(t, text, at); at += step {
			if code := CleanHost(); code != 0 {
				t.Fatalf("%s, killed at %d: nsl clean exits with %d", name, at, code)
			}
			if after := dumpHost(t); after != before {
				t.Fatalf("%s, killed at %d: the machine is not as before:\n%s\nbut\n%s", name, at, before, after)
			}
		}
		if at <= step {
			t.Errorf("%s was killed %d times only", name, at/step)
		}
		if code := DownHost(); code != 0 {
			t.Fatalf("%s: nsl down exits with %d", name, code)
		}
		if after := dumpHost(t); after != before {
			t.Fatalf("%s: the machine is not as before:\n%s\nbut\n%s", name, before, after)
		}
	}
}

// What has the names of a lab but was made by others meanwhile is left alone, also when clean
// runs twice.
func TestHostCleanLeavesDecoys(t *testing.T) {
	if !labtest.Alone(t) {
		return
	}
	playMachine(t)
	upKilled(t, hostLabs["bridge and NAT"], 1<<30)
	w := hostKernel(t)
	for _, op := range []plan.Op{
		plan.DelNS{Name: "red"}, plan.AddNS{Name: "red"},
		plan.DelLink{Node: plan.Host, Name: "v-net-0"}, plan.AddBridge{Node: plan.Host, Name: "v-net-0"},
		plan.DelNftTable{Node: plan.Host}, plan.AddNftTable{Node: plan.Host},
		plan.SetSysctl{Node: plan.Host, Key: "net.ipv6.conf.all.forwarding", Value: "0"},
	} {
		if err := errors.Join(w.Apply(t.Context(), op), w.Commit()); err != nil {
			t.Fatal(op, err)
		}
	}
	for range 2 {
		left, err := host.Find()
		if err != nil || left == nil {
			t.Fatal(left, err)
		}
		kept, err := host.Clean(t.Context(), w, left.Records)
		if text := strings.Join(kept, "\n"); err != nil || len(kept) != 3 ||
			!strings.Contains(text, "namespace red") || !strings.Contains(text, "interface v-net-0") || !strings.Contains(text, "table inet nsl") {
			t.Errorf("%v, left alone:\n%s", err, text)
		}
		_ = left.Close()
	}
	for name, want := range map[string]bool{"red": true, "blue": false} {
		if has, err := w.HasNode(name); err != nil || has != want {
			t.Errorf("%s is there: %v, %v", name, has, err)
		}
	}
	if st, err := w.Nft(plan.Host); err != nil || !st.Exists {
		t.Errorf("the other table: %v, %v", st, err)
	}
	if forwards, err := w.Sysctl(plan.Host, "net.ipv4.ip_forward"); err != nil || forwards != "0" {
		t.Errorf("ip_forward is %s, %v", forwards, err)
	}
}

// What a lab may not do to the machine is refused before anything is done.
func TestHostRefuses(t *testing.T) {
	if !labtest.Alone(t) {
		return
	}
	playMachine(t)
	t.Setenv("SUDO_UID", "")
	before := dumpHost(t)
	for text, want := range map[string]string{
		"ns red\nexec red true":                                    "nothing keeps programs",
		"ns red\nserve http red:80":                                "nothing keeps programs",
		"forward host":                                             "IP forwarding of the machine: net.ipv4.ip_forward is 0",
		"ns red\nlink red <-> host 203.0.113.0/28":                 "overlaps one of the machine: its interface eth0 has 203.0.113.5/24",
		"down eth0":                                                "eth0 has the default route",
		"addr eth0 10.1.1.1/24":                                    "eth0 has the default route",
		"route host default via 203.0.113.7 metric 5":              "the default route is that of the interface",
		"rule host from 10.0.0.0/8 table 7":                        "a policy rule may lead packets past",
		"ns red\nlink red <-> host 10.1.1.0/24\nblock red -> host": "may stop those of the interface that has the default route",
		"move eth1 -> outside":                                     "the namespace outside is the machine's",
		"ns red\nlink red <-> host 10.1.1.0/24\nforward red\npublish 22 -> red": "port 22 is that of your SSH connection",
		"del route host default": "the default route is that of the interface",
		"mtu eth1 1400":          "eth1 is an interface of the machine",
		"delete eth1":            "eth1 is an interface of the machine",
		"delete outside":         "the namespace outside is the machine's",
		"use \"module.nsl\"":     "module.nsl",
	} {
		if err := planned(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if after := dumpHost(t); after != before {
		t.Errorf("planning changed the machine:\n%s\nbut\n%s", before, after)
	}
}

// planned plans a lab on the machine.
func planned(t *testing.T, text string) error {
	t.Helper()
	w := hostKernel(t)
	policy, err := hostPolicy(w, HostOptions{Forwarding: strings.Contains(text, "publish")})
	if err != nil {
		t.Fatal(err)
	}
	policy.SSHPort = 22
	set := &source.Set{}
	_, _, err = hostSetup().planHost(set, set.Add("lab.nsl", text), w, policy, ScriptOptions{Script: script.DefaultOptions()})
	return err
}

// A script that is not the caller's own, or that others may write, is not read.
func TestHostReadsOwnFiles(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{"own": "", "group": "others may write it", "fifo": "not a regular file", "none": "no such file"} {
		file := dir + "/" + name
		switch name {
		case "own", "group":
			if err := os.WriteFile(file, []byte("ns red\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if name == "group" {
				if err := os.Chmod(file, 0o620); err != nil {
					t.Fatal(err)
				}
			}
		case "fifo":
			file = "/dev/null"
		}
		_, err := host.TheCaller().Read(file)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	own := host.Caller{UID: os.Geteuid() + 1, GID: os.Getegid()}
	if _, err := own.Read(dir + "/own"); err == nil {
		t.Error("another user read the file")
	}
}
