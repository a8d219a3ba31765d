package kernel

import (
	"errors"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// What runs inside does so there only, and its thread comes back or dies.
func TestInside(t *testing.T) {
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	here := func() (st unix.Stat_t) {
		if err := unix.Stat("/proc/thread-self/ns/net", &st); err != nil {
			t.Error(err)
		}
		return st
	}
	boom := errors.New("boom")
	for range 50 {
		var in unix.Stat_t
		err := w.Inside("red", func() error { in = here(); return boom })
		if !errors.Is(err, boom) || in.Ino == w.host.ID.ino {
			t.Fatalf("%v, inside %d, host %d", err, in.Ino, w.host.ID.ino)
		}
		if out := here(); out.Ino != w.host.ID.ino {
			t.Fatal("a thread stayed in red")
		}
	}
	if err := w.Inside("red", func() error { runtime.Goexit(); return nil }); !errors.Is(err, errExited) {
		t.Errorf("a function that left: %v", err)
	}
	if err := w.Inside("green", func() error { return nil }); !errors.Is(err, plan.ErrNoNode) {
		t.Error(err)
	}
}
