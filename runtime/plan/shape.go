package plan

import (
	"strconv"
	"strings"
	"time"
)

// Shape is what an interface does to the packets that it sends (tc-netem(8),
// tc-tbf(8)). The zero Shape sends them as they are.
type Shape struct {
	// Delay is added to each packet, give or take up to Jitter. Both are whole
	// microseconds.
	Delay, Jitter time.Duration
	// Loss, Duplicate, Reorder and Corrupt are shares of the packets, in percent.
	// What is reordered is sent at once, ahead of those that are delayed.
	Loss, Duplicate, Reorder, Corrupt float64
	// Rate is in bits per second, a multiple of 8; 0 is no limit.
	Rate uint64
	// Limit is how many packets wait at most; 0 is the default of netem, 1000.
	Limit int
}

// Emulated reports whether it takes netem; a rate alone takes tbf, which more kernels
// have.
func (s Shape) Emulated() bool {
	s.Rate = 0
	return s != Shape{}
}

// The queue of a rate alone. A burst of 5 ms lets timers of any kernel reach the
// rate; the queue holds a tenth of a second, and never less than TCP needs to start.
const (
	leastBurst = 5000
	leastQueue = 64 << 10
)

// Burst is how many bytes a rate alone lets pass at once.
func (s Shape) Burst() uint32 { return uint32(min(max(s.Rate/8/200, leastBurst), 1<<30)) }

// Queue is how many bytes wait at most for a rate alone.
func (s Shape) Queue() uint32 { return uint32(min(max(s.Rate/8/10, leastQueue), 1<<31)) }

// String is the shape in the words of the statement shape; "" for none.
func (s Shape) String() string { return strings.Join(s.words(false), " ") }

// words are those of the statement, or of tc(8).
func (s Shape) words(tc bool) []string {
	var w []string
	add := func(has bool, words ...string) {
		if has {
			w = append(w, words...)
		}
	}
	add(s.Delay > 0, "delay", tcTime(s.Delay))
	switch {
	case s.Jitter > 0 && tc:
		add(true, tcTime(s.Jitter))
	case s.Jitter > 0:
		add(true, "jitter", tcTime(s.Jitter))
	}
	for _, share := range []struct {
		word  string
		value float64
	}{{"loss", s.Loss}, {"duplicate", s.Duplicate}, {"reorder", s.Reorder}, {"corrupt", s.Corrupt}} {
		add(share.value > 0, share.word, strconv.FormatFloat(share.value, 'f', -1, 64)+"%")
	}
	add(s.Rate > 0, "rate", tcRate(s.Rate))
	add(s.Limit > 0, "limit", strconv.Itoa(s.Limit))
	return w
}

// tcTime is a duration as tc(8) reads it, which knows no compound ones.
func tcTime(d time.Duration) string {
	switch {
	case d%time.Second == 0:
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	case d%time.Millisecond == 0:
		return strconv.FormatInt(int64(d/time.Millisecond), 10) + "ms"
	}
	return strconv.FormatInt(int64(d/time.Microsecond), 10) + "us"
}

func tcRate(bits uint64) string {
	for _, u := range []struct {
		factor uint64
		unit   string
	}{{1e9, "gbit"}, {1e6, "mbit"}, {1e3, "kbit"}} {
		if bits%u.factor == 0 {
			return strconv.FormatUint(bits/u.factor, 10) + u.unit
		}
	}
	return strconv.FormatUint(bits, 10) + "bit"
}

// SetShape gives an interface another root queueing discipline: netem, tbf, or the
// kernel's own for the zero Shape.
type SetShape struct {
	Node, Name string
	Shape, Was Shape
}

func (SetShape) op() {}

// Effect is the new shape.
func (o SetShape) Effect() Effect {
	if o.Shape == (Shape{}) {
		return about(o.Node, o.Name, "sends without delay, loss or limit")
	}
	return about(o.Node, o.Name, o.Shape.String())
}

// Inverse gives the former shape back.
func (o SetShape) Inverse() []Op {
	return []Op{SetShape{Node: o.Node, Name: o.Name, Shape: o.Was, Was: o.Shape}}
}

// Commands are those of tc qdisc. What is there already is deleted first: netem
// keeps what a change does not name.
func (o SetShape) Commands() []Command {
	var cmds []Command
	if o.Was != (Shape{}) {
		cmds = append(cmds, o.tc("del"))
	}
	switch s := o.Shape; {
	case s == Shape{}:
	case s.Emulated():
		cmds = append(cmds, append(append(o.tc("add"), "netem"), s.words(true)...))
	default:
		cmds = append(cmds, append(append(o.tc("add"), "tbf"), "rate", tcRate(s.Rate),
			"burst", strconv.FormatUint(uint64(s.Burst()), 10), "limit", strconv.FormatUint(uint64(s.Queue()), 10)))
	}
	return cmds
}

func (o SetShape) tc(what string) Command {
	c := Command{"tc"}
	if o.Node != Host {
		c = append(c, "-n", o.Node)
	}
	return append(c, "qdisc", what, "dev", o.Name, "root")
}
