package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// Names made and deleted by ip(8) are seen at once, and the other way round.
func TestNamesAreShared(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	shell(t, "ip", "netns", "add", "green")
	if got, err := w.Nodes(); err != nil || !slices.Equal(got, []string{"green", "red"}) {
		t.Errorf("nodes %v, %v", got, err)
	}
	if out := shell(t, "ip", "netns", "exec", "red", "ip", "netns"); out != "green\nred\n" {
		t.Errorf("ip netns says %q", out)
	}
	shell(t, "ip", "netns", "exec", "green", "ip", "netns", "del", "red")
	if has, err := w.HasNode("red"); has || err != nil {
		t.Errorf("red was deleted, HasNode says %v, %v", has, err)
	}
	if _, err := w.Links("red"); !errors.Is(err, plan.ErrNoNode) {
		t.Errorf("links of a deleted namespace: %v", err)
	}
	apply(t, w, plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: "left"}, B: plan.LinkEnd{Node: "green", Name: "right"}})
}

// A namespace of the same name is not the same namespace.
func TestRecreatedBehindOurBack(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddBridge{Node: "red", Name: "br0"})
	shell(t, "ip", "netns", "del", "red")
	shell(t, "ip", "netns", "add", "red")
	links, err := w.Links("red")
	if err != nil || len(links) != 1 {
		t.Fatalf("the new red has lo only, not %v, %v", links, err)
	}
	apply(t, w, plan.AddBridge{Node: "red", Name: "br0"})
	shell(t, "ip", "-n", "red", "link", "show", "br0")
}

func TestFileThatIsNoNamespace(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	if err := os.WriteFile(nsPath("stale"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Remove(nsPath("stale")) }()
	if got, err := w.Nodes(); err != nil || !slices.Equal(got, []string{"red"}) {
		t.Errorf("nodes %v, %v", got, err)
	}
	if _, err := w.Links("stale"); !errors.Is(err, plan.ErrNoNode) {
		t.Errorf("links of a plain file: %v", err)
	}
}

func TestRestoreGivesAllBack(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	before := dump(t, w)
	apply(t, w, plan.DelNS{Name: "red"})
	if has, _ := w.HasNode("red"); has {
		t.Fatal("red is still there")
	}
	// Another one of the same name comes and goes: the trash is a stack.
	apply(t, w, plan.AddNS{Name: "red"}, plan.DelNS{Name: "red"}, plan.RestoreNS{Name: "red"})
	if links, _ := w.Links("red"); len(links) != 1 {
		t.Fatalf("the last deleted red had lo only: %v", links)
	}
	apply(t, w, plan.DelNS{Name: "red"})
	w.trash = w.trash[:1:1]
	apply(t, w, plan.RestoreNS{Name: "red"})
	if after := dump(t, w); after != before {
		t.Error(diff(before, after))
	}
}

// After Commit the other ends are gone, and the name can be used again.
func TestCommitDeletesPeers(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		apply(t, w, plan.AddNS{Name: "red"}, plan.AddVeth{
			A: plan.LinkEnd{Node: plan.Host, Name: "left"}, B: plan.LinkEnd{Node: "red", Name: "right"}},
			plan.DelNS{Name: "red"})
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Link(plan.Host, "left"); !errors.Is(err, plan.ErrNoLink) {
			t.Fatalf("left after Commit: %v", err)
		}
	}
	if err := w.Apply(context.Background(), plan.RestoreNS{Name: "red"}); !errors.Is(err, plan.ErrNoNode) {
		t.Errorf("restore after Commit: %v", err)
	}
}

func TestSameVethAgainAtOnce(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNS{Name: "blue"})
	for range 50 {
		apply(t, w, cable, plan.DelLink{Node: "red", Name: "veth-red"})
	}
}

func TestErrorKinds(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	hop := []plan.NextHop{{Via: ip("10.99.0.1")}}
	for _, c := range []struct {
		op   plan.Op
		want error
	}{
		{plan.AddNS{Name: "red"}, unix.EEXIST},
		{plan.AddNS{Name: "../red"}, unix.EINVAL},
		{plan.AddNS{Name: "host"}, unix.EINVAL},
		{plan.DelNS{Name: "green"}, plan.ErrNoNode},
		{plan.DelNS{Name: "host"}, unix.EINVAL},
		{plan.DelNS{Name: ".."}, plan.ErrNoNode},
		{cable, unix.EEXIST},
		{plan.AddVeth{A: plan.LinkEnd{Node: "green", Name: "x"}, B: plan.LinkEnd{Node: "red", Name: "y"}}, plan.ErrNoNode},
		{plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "x"}, B: plan.LinkEnd{Node: "green", Name: "y"}}, plan.ErrNoNode},
		{plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "x", Master: "br9"}, B: plan.LinkEnd{Node: "blue", Name: "y"}}, plan.ErrNoLink},
		{plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "x", MAC: "zz"}, B: plan.LinkEnd{Node: "blue", Name: "y"}}, unix.EINVAL},
		{plan.AddVeth{A: plan.LinkEnd{Node: "red", Name: "x", MTU: 10}, B: plan.LinkEnd{Node: "blue", Name: "y"}}, unix.EINVAL},
		{plan.SetUp{Node: "red", Name: "eth9"}, plan.ErrNoLink},
		{plan.SetUp{Node: "red", Name: "sixteen-letters-"}, plan.ErrNoLink},
		{plan.SetUp{Node: "red", Name: ""}, plan.ErrNoLink},
		{plan.DelLink{Node: "red", Name: "eth9"}, plan.ErrNoLink},
		{plan.DelLink{Node: "red", Name: "lo"}, unix.EOPNOTSUPP},
		{plan.SetMaster{Node: "red", Name: "veth-red", Master: "eth9"}, plan.ErrNoLink},
		{plan.SetMaster{Node: "red", Name: "veth-red", Master: "lo"}, unix.EOPNOTSUPP},
		{plan.SetMTU{Node: "red", Name: "veth-red", MTU: 10}, unix.EINVAL},
		{plan.AddAddr{Node: "red", Link: "veth-red", Addr: pfx("192.168.15.1/24")}, unix.EEXIST},
		{plan.AddAddr{Node: "red", Link: "eth9", Addr: pfx("192.168.15.1/24")}, plan.ErrNoLink},
		{plan.DelAddr{Node: "red", Link: "veth-red", Addr: pfx("10.0.0.1/24")}, unix.EADDRNOTAVAIL},
		{plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("0.0.0.0/0"), Hops: hop}}, unix.ENETUNREACH},
		{plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("192.168.15.0/24"), Hops: []plan.NextHop{{Dev: "eth9"}}}}, plan.ErrNoLink},
		{plan.DelRoute{Node: "red", Route: plan.Route{Dst: pfx("10.0.0.0/8")}}, unix.ESRCH},
		{plan.DelRule{Node: "red", Rule: plan.Rule{Table: 99}}, unix.ENOENT},
		{plan.DelNftTable{Node: "red"}, unix.ENOENT},
		{plan.AddNftChain{Node: "red", Chain: plan.Forward}, unix.ENOENT},
		{plan.SetSysctl{Node: "red", Key: "net.ipv4.nothing", Value: "1"}, plan.ErrNoSysctl},
		{plan.SetSysctl{Node: "red", Key: "net.ipv4.nothing", Value: "1", Optional: true}, nil},
		{plan.SetSysctl{Node: "red", Key: "kernel.hostname", Value: "x"}, plan.ErrNoSysctl},
		{plan.SetSysctl{Node: "red", Key: "net.ipv4.ip_forward", Value: "x"}, unix.EINVAL},
		{plan.Exec{Node: "red", Argv: []string{"true"}}, errors.ErrUnsupported}, // runtime/node does it
	} {
		if err := w.Apply(context.Background(), c.op); !errors.Is(err, c.want) {
			t.Errorf("%#v: %v, want %v", c.op, err, c.want)
		}
	}
	err := w.Apply(context.Background(), plan.AddRoute{Node: "red", Route: plan.Route{Dst: pfx("0.0.0.0/0"), Hops: hop}})
	if want := "network is unreachable: Nexthop has invalid gateway"; err.Error() != want {
		t.Errorf("the kernel's own words are lost: %q", err)
	}
}

func TestChainWithRulesIsRefused(t *testing.T) {
	w := newWorld(t)
	rule := plan.AddNftRule{Node: plan.Host, Rule: plan.NftRule{Chain: plan.Forward, Verdict: "drop"}}
	del := plan.DelNftChain{Node: plan.Host, Chain: plan.Forward}
	apply(t, w, plan.AddNftTable{Node: plan.Host}, plan.AddNftChain(del), rule)
	if err := w.Apply(context.Background(), del); !errors.Is(err, unix.EBUSY) {
		t.Errorf("a chain with a rule: %v, want %v", err, unix.EBUSY)
	}
	apply(t, w, rule.Inverse()...)
	apply(t, w, del)
}

func TestSecondTableIsRefused(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNftTable{Node: plan.Host}, plan.AddNftChain{Node: plan.Host, Chain: plan.Forward})
	for _, op := range []plan.Op{plan.AddNftTable{Node: plan.Host}, plan.AddNftChain{Node: plan.Host, Chain: plan.Forward}} {
		if err := w.Apply(context.Background(), op); !errors.Is(err, unix.EEXIST) {
			t.Errorf("%T again: %v", op, err)
		}
	}
}

// This kernel or another: filtering is on, or refused and nothing is left.
func TestVLANFiltering(t *testing.T) {
	w := newWorld(t)
	err := w.Apply(context.Background(), plan.AddBridge{Node: plan.Host, Name: "br0", VLANFiltering: true})
	l, lerr := w.Link(plan.Host, "br0")
	switch {
	case err == nil && lerr == nil && l.VLANFiltering:
	case errors.Is(err, unix.EOPNOTSUPP) && errors.Is(lerr, plan.ErrNoLink):
		labtest.Lacks(t, "vlan-filtering", err)
	default:
		t.Errorf("%v; bridge %+v, %v", err, l, lerr)
	}
}

// openFiles are the descriptors of this process that namespaces and sockets have.
func openFiles(t *testing.T) (n int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestCloseLeavesNothingOpen(t *testing.T) {
	before := openFiles(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	apply(t, w, base(plan.AddNftTable{Node: "red"}, plan.DelNS{Name: "blue"})...)
	ns, err := w.Hold("red")
	if err == nil {
		err = errors.Join(ns.Start(func() error { return nil }), ns.Inside(func() error { return nil }), ns.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if openFiles(t) <= before {
		t.Fatal("nothing was open; the test sees nothing")
	}
	wipe(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// With few handles the least used are closed, and nothing else is different.
func TestHandlesAreBounded(t *testing.T) {
	w := newWorld(t)
	w.limit = 4
	names := []string{"n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"}
	for _, n := range names {
		apply(t, w, plan.AddNS{Name: n}, plan.SetUp{Node: n, Name: "lo"})
	}
	for range 2 {
		for _, n := range names {
			if l, err := w.Link(n, "lo"); err != nil || !l.Up {
				t.Errorf("%s: %+v, %v", n, l, err)
			}
		}
	}
	if len(w.open) > 4 || w.lru.Len() != len(w.open) {
		t.Errorf("%d handles open, %d in the list", len(w.open), w.lru.Len())
	}
}

// In a large lab namespaces are made in advance, and their settings written
// through other instances of proc: each must still be its own and complete.
func TestManyNamespaces(t *testing.T) {
	before := openFiles(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	const n = 3 * visitsPerProc
	seen := map[ID]bool{}
	for i := range n {
		name := fmt.Sprintf("n%d", i)
		apply(t, w, plan.AddNS{Name: name})
		if err := w.Apply(context.Background(), plan.AddNS{Name: name}); !errors.Is(err, unix.EEXIST) {
			t.Fatalf("%s again: %v", name, err)
		}
		for _, s := range plan.BaselineSettings() {
			apply(t, w, plan.SetSysctl{Node: name, Key: s.Key, Value: map[string]string{"0": "1", "1": "0"}[s.Value]})
		}
		apply(t, w, plan.Baseline{Node: name})
		id, err := w.lookup(name)
		if err != nil || seen[id] {
			t.Fatalf("%s is %v, %v", name, id, err)
		}
		seen[id] = true
	}
	if !w.sys.proc.mounted && !w.sys.proc.refused {
		t.Error("no instance of proc was tried")
	}
	for i := range n {
		for _, s := range plan.BaselineSettings() {
			if v, err := w.Sysctl(fmt.Sprintf("n%d", i), s.Key); v != s.Value || err != nil {
				t.Fatalf("n%d: %s = %q, %v", i, s.Key, v, err)
			}
		}
	}
	wipe(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
