package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, 30)
	now := time.Now()
	p.now = func() time.Time { return now }
	p.total = 12
	p.Started("a.nsl")
	now = now.Add(3 * time.Second)
	p.Started("b.nsl")
	fmt.Fprintln(p, "ok a.nsl")
	p.Finished("a.nsl")
	p.Started("a-script-with-a-long-name.nsl")
	p.Close()
	want := []string{
		"0/12  a.nsl 0s",
		"0/12  a.nsl 3s, b.nsl 0s",
		"ok a.nsl\n",
		"1/12  b.nsl 0s",
		"1/12  b.nsl 0s, a-script-wit…", // never as wide as the terminal, which would begin a new line
		"",
	}
	got := strings.Split(out.String(), eraseLine)[1:]
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The line is written by the clock, and no more once it is closed.
func TestProgressGoesOn(t *testing.T) {
	lines := make(chan string, 100)
	p := NewProgress(writerFunc(func(b []byte) { lines <- string(b) }), 80)
	p.Begin(1)
	p.Started("a.nsl")
	for range 2 {
		select {
		case <-lines:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is written")
		}
	}
	p.Finished("a.nsl")
	p.Close()
	for len(lines) > 0 {
		if last := <-lines; len(lines) == 0 && last != eraseLine {
			t.Errorf("it ends with %q", last)
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }
