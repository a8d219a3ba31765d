package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// someLimits are limits that the test may change.
func someLimits(t *testing.T) limits {
	l := limits{t.TempDir()}
	if err := l.make("128\n", "512\n", "1024\n"); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l limits) make(values ...string) (err error) {
	for i, file := range l.files() {
		err = errors.Join(err, os.WriteFile(file, []byte(values[i]), 0o644))
	}
	return err
}

// Limits are raised while a contestant runs, and are as before when it has ended,
// has failed, or was interrupted.
func TestLimitsAreRestored(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, interrupt func()) error{
		"ended":       func(context.Context, func()) error { return nil },
		"failed":      func(context.Context, func()) error { return fs.ErrInvalid },
		"cut":         func(ctx context.Context, _ func()) error { <-ctx.Done(); return ctx.Err() },
		"interrupted": func(ctx context.Context, interrupt func()) error { interrupt(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			l := someLimits(t)
			ctx, interrupt := context.WithCancel(t.Context())
			c := contestant{name: "c", neighbours: &l, measure: func(ctx context.Context, _ int) (outcome, error) {
				if got, err := l.read(); err != nil || got != roomy {
					t.Errorf("meanwhile %v, %v", got, err)
				}
				if _, err := l.raise(); err == nil {
					t.Error("raised twice at a time")
				}
				return outcome{}, end(ctx, interrupt)
			}}
			race(ctx, []contestant{c}, trial{100, 1, 50 * time.Millisecond}, func(context.Context) bool { return true })
			if got, err := l.read(); err != nil || got != [3]string{"128", "512", "1024"} {
				t.Errorf("afterwards %v, %v", got, err)
			}
		})
	}
}

func TestLimitsStayWhereThereIsRoom(t *testing.T) {
	l := someLimits(t)
	c := contestant{neighbours: &l, measure: func(context.Context, int) (outcome, error) {
		if got, err := l.read(); err != nil || got == roomy {
			t.Errorf("raised for 20 neighbours: %v, %v", got, err)
		}
		return outcome{took: time.Second}, nil
	}}
	if _, err := c.run(t.Context(), 5); err != nil {
		t.Error(err)
	}
}

// A contestant that may not raise the limits is left out with the reason.
func TestLimitsOutOfReach(t *testing.T) {
	l := someLimits(t)
	if why := l.lack(100); why != "" {
		t.Errorf("may be written, but: %s", why)
	}
	for _, file := range l.files() {
		if err := os.Chmod(file, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	if why := l.lack(100); !strings.Contains(why, "too small for 9900") {
		t.Errorf("no reason but %q", why)
	}
	if why := l.lack(20); why != "" {
		t.Errorf("20 nodes: %s", why)
	}
}

// A few lost pings are reported; many make the time worthless.
func TestLostPings(t *testing.T) {
	for said, want := range map[string]string{
		"1.5 0":         "1.5s 0 <nil>",
		"h1 -> h2\n2 1": "2s 1 <nil>",
		"9.25 2":        "9.25s 2 2 of 100 pings were lost, in 9.2 s",
		"":              "0s 0 echo tells no time: EOF",
	} {
		o, err := lastLine(t.Context(), 100, "echo", said)
		if got := fmt.Sprintf("%v %d %v", o.took, o.lost, err); got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
	var text strings.Builder
	Result{Name: "x", Lost: 3}.printRemarks(&text)
	if !strings.Contains(text.String(), "x: 3 pings had no reply") {
		t.Errorf("not reported in %q", text.String())
	}
}

// A contestant whose time is used up is out, with all its processes, and it is
// said.
func TestContestantIsCut(t *testing.T) {
	// A pipe is at its end when all that hold it are gone.
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	script := "exec 9>" + pipe + "; sleep 100 & sleep 100"
	endless := contestant{name: "endless", command: func(int) ([]string, error) { return []string{"sh", "-c", script}, nil }}
	turns := 0
	slowing := contestant{name: "slowing", measure: func(ctx context.Context, _ int) (outcome, error) {
		if turns++; turns == 2 {
			<-ctx.Done()
			return outcome{}, ctx.Err()
		}
		return outcome{took: time.Second}, nil
	}}
	start := time.Now()
	results := race(t.Context(), []contestant{endless, slowing}, trial{10, 3, 500 * time.Millisecond}, func(context.Context) bool { return true })
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("cut after %v", took)
	}
	if got := results[0]; got.Failed != "cut off in turn 1: its 500ms for all turns were used up" || got.Cut != "" {
		t.Errorf("endless: %+v", got)
	}
	if got := results[1]; got.Cut != "cut off in turn 2: its 500ms for all turns were used up" || len(got.Seconds) != 1 || turns != 2 {
		t.Errorf("slowing: %+v", got)
	}
	var text strings.Builder
	star := Race{N: 10, Results: results, Absent: []string{"third is left out: it needs root"}}
	star.print(&text, meshTable(10, true))
	for _, want := range []string{"slowing: cut off in turn 2", "endless: failed: cut off in turn 1", "third is left out: it needs root", "× nsl", "gc_thresh1 to 3"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, &text)
		}
	}
	if err := held.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := held.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a process of the contestant goes on: %v", err)
	}
}
