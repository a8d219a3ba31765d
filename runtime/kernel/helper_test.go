package kernel

import (
	"context"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// newWorld opens a world that is empty again when the test ends.
func newWorld(t testing.TB) *World {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		wipe(t, w)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// wipe deletes every namespace, the host's links and its nft table.
func wipe(t testing.TB, w *World) {
	t.Helper()
	names, err := w.Nodes()
	if err != nil {
		t.Error(err)
	}
	for _, n := range names {
		apply(t, w, plan.DelNS{Name: n})
	}
	if err := w.Commit(); err != nil {
		t.Error(err)
	}
	if err := w.host.delLinks(); err != nil {
		t.Error(err)
	}
	if st, _ := w.Nft(plan.Host); st.Exists {
		apply(t, w, plan.DelNftTable{Node: plan.Host})
	}
}

func apply(t testing.TB, w *World, ops ...plan.Op) {
	t.Helper()
	for _, op := range ops {
		if err := w.Apply(context.Background(), op); err != nil {
			t.Fatalf("%T %s: %v", op, op.Effect().Object, err)
		}
	}
}

// shell runs a program of the machine in the sandbox's host.
func shell(t testing.TB, argv ...string) string {
	t.Helper()
	labtest.NeedPrograms(t, argv[0])
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return string(out)
}

func pfx(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func ip(s string) netip.Addr    { return netip.MustParseAddr(s) }
