package probes

import (
	"fmt"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// shaped is a view of interfaces only.
type shaped struct {
	plan.View
	links map[string][]plan.Link
}

func (s shaped) Nodes() ([]string, error) {
	var list []string
	for n := range s.links {
		list = append(list, n)
	}
	return list, nil
}

func (s shaped) Links(node string) ([]plan.Link, error) { return s.links[node], nil }

// late is an interface with a delay.
func late(name, master string, delay, jitter time.Duration) plan.Link {
	return plan.Link{Name: name, Master: master, Shape: plan.Shape{Delay: delay, Jitter: jitter}}
}

// TestDelays: a round trip is as slow as the delays on its way, in whatever size of lab.
func TestDelays(t *testing.T) {
	const ms = time.Millisecond
	lo := plan.Link{Name: "lo"}
	star := map[string][]plan.Link{"hub": {lo}}
	for i := range 20 {
		star["hub"] = append(star["hub"], late(fmt.Sprint("e", i), "", 50*ms, 0))
		star[fmt.Sprint("n", i)] = []plan.Link{lo, late("e0", "", 50*ms, 0)}
	}
	for what, c := range map[string]struct {
		links map[string][]plan.Link
		want  time.Duration
	}{
		"no delay":      {map[string][]plan.Link{"a": {lo, late("e", "", 0, 0)}, "b": {lo}}, 0},
		"one direction": {map[string][]plan.Link{"a": {lo, late("e", "", 500*ms, 100*ms)}, "b": {lo, late("e", "", 0, 0)}}, 600 * ms},
		"a chain": {map[string][]plan.Link{"a": {late("e", "", 10*ms, 0)}, "r": {late("e", "", 20*ms, 0), late("f", "", 30*ms, 0)},
			"b": {late("e", "", 40*ms, 0)}}, 100 * ms},
		"a star of twenty": {star, 200 * ms},
		"a bridge beside a router": {map[string][]plan.Link{"r": {late("br", "", 0, 0), late("up", "", 5*ms, 0),
			late("p", "br", 10*ms, 0), late("q", "br", 20*ms, 0), late("s", "br", 30*ms, 0)}}, 55 * ms},
	} {
		if got := delays(shaped{links: c.links}); got != c.want {
			t.Errorf("%s: %v instead of %v", what, got, c.want)
		}
	}
}

// TestSilenceOfSlowLinks: a delay of half a second in each direction is waited for.
func TestSilenceOfSlowLinks(t *testing.T) {
	for slow, want := range map[time.Duration]time.Duration{
		0:                      300 * time.Millisecond,
		50 * time.Millisecond:  300 * time.Millisecond,
		time.Second:            3 * time.Second,
		100 * time.Millisecond: 300 * time.Millisecond,
		time.Minute:            10 * time.Second,
	} {
		if got := silence(300*time.Millisecond, slow); got != want {
			t.Errorf("%v: %v instead of %v", slow, got, want)
		}
	}
}
