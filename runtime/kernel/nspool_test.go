package kernel

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// nsOps are the ops of a statement that makes n namespaces.
func nsOps(n int) (ops []plan.Op) {
	for i := range n {
		name := fmt.Sprintf("n%d", i)
		ops = append(ops, plan.NewNode(name)...)
	}
	return ops
}

// A namespace that was made in advance is as one that was made when its op
// came: the same settings, loopback up, nothing else.
func TestPrefetchedNamespacesAreAsOthers(t *testing.T) {
	before := openFiles(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	ops := nsOps(3 * visitsPerProc)
	w.Prefetch(ops)
	apply(t, w, ops...)
	if w.ahead.wanted != 0 || w.ahead.ready == nil {
		t.Errorf("%d namespaces are still wanted, or none were made in advance", w.ahead.wanted)
	}
	w.Prefetch(nil)
	seen := map[ID]bool{}
	for i := range len(ops) / 3 {
		name := fmt.Sprintf("n%d", i)
		id, err := w.lookup(name)
		if err != nil || seen[id] {
			t.Fatalf("%s is %v, %v", name, id, err)
		}
		seen[id] = true
		if links, err := w.Links(name); err != nil || len(links) != 1 || !links[0].Up {
			t.Fatalf("%s has %+v, %v", name, links, err)
		}
		for _, s := range plan.BaselineSettings() {
			if v, err := w.Sysctl(name, s.Key); err == nil && v != s.Value || err != nil && !errors.Is(err, plan.ErrNoSysctl) {
				t.Fatalf("%s: %s = %q, %v", name, s.Key, v, err)
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

// What a statement foretold and did not get to is given back.
func TestPrefetchedAndUnused(t *testing.T) {
	before := openFiles(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	ops := nsOps(40)
	w.Prefetch(ops)
	apply(t, w, ops[:30]...)
	if err := w.Apply(context.Background(), ops[0]); !errors.Is(err, unix.EEXIST) {
		t.Errorf("a name twice: %v", err)
	}
	w.Prefetch(nil)
	apply(t, w, plan.AddNS{Name: "late"}, plan.Baseline{Node: "late"})
	if l, err := w.Link("late", plan.Loopback); err != nil || l.Up {
		t.Errorf("an unexpected namespace has lo up: %+v, %v", l, err)
	}
	wipe(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// Of nodes that many statements make, a few each, those to come are made in advance. A setting
// of the host, which new namespaces may begin with, holds for each that is made after it.
func TestExpectedNamespacesAreMadeInAdvance(t *testing.T) {
	before := openFiles(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	const n = 20
	w.ExpectNodes(n + 7) // 7 that do not come
	inAdvance := false
	for i := range n {
		ops := plan.NewNode(fmt.Sprintf("n%d", i))
		if i == n/2 {
			apply(t, w, plan.SetSysctl{Node: plan.Host, Key: "net.ipv4.ip_forward", Value: "1"})
			if w.ahead.ready != nil {
				t.Error("namespaces from before a setting changed are kept")
			}
		}
		w.Prefetch(ops)
		apply(t, w, ops...)
		w.Prefetch(nil)
		inAdvance = inAdvance || w.ahead.ready != nil
	}
	if !inAdvance {
		t.Error("none was made in advance")
	}
	for i := range n {
		name := fmt.Sprintf("n%d", i)
		if links, err := w.Links(name); err != nil || len(links) != 1 || !links[0].Up {
			t.Errorf("%s has %+v, %v", name, links, err)
		}
		for _, s := range plan.BaselineSettings() {
			if v, err := w.Sysctl(name, s.Key); err == nil && v != s.Value || err != nil && !errors.Is(err, plan.ErrNoSysctl) {
				t.Errorf("%s: %s = %q, %v", name, s.Key, v, err)
			}
		}
	}
	bare := plan.AddNS{Name: "bare"}
	w.Prefetch([]plan.Op{bare})
	apply(t, w, bare)
	if l, err := w.Link("bare", plan.Loopback); err != nil || l.Up {
		t.Errorf("a namespace alone has lo up: %+v, %v", l, err)
	}
	wipe(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// Namespaces that statements make one at a time get their baseline while they are made,
// once the kernel's settings are known: the thread goes into each only once.
func TestFewNamespacesAreMadeOnOneVisit(t *testing.T) {
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"first", "second", "third"} {
		ops := plan.NewNode(name)
		w.Prefetch(ops)
		apply(t, w, ops[0])
		if i == 0 {
			apply(t, w, ops[1:]...)
		}
		w.Prefetch(nil)
		for _, s := range plan.BaselineSettings() {
			if v, err := w.Sysctl(name, s.Key); err == nil && v != s.Value || err != nil && !errors.Is(err, plan.ErrNoSysctl) {
				t.Errorf("%s: %s = %q, %v", name, s.Key, v, err)
			}
		}
	}
	bare := plan.AddNS{Name: "bare"}
	w.Prefetch([]plan.Op{bare})
	apply(t, w, bare)
	if l, err := w.Link("bare", plan.Loopback); err != nil || l.Up {
		t.Errorf("a namespace alone has lo up: %+v, %v", l, err)
	}
	wipe(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
