package probe

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

const (
	// manyRequests take their turn: fewer need a thirtieth of the neighbour table.
	manyRequests = 16
	// longestTurn is how long the others are waited for. A turn takes seconds; what
	// holds the lock longer is no lab, or is stopped.
	longestTurn = 30 * time.Second
)

// takeTurn waits until no other lab of this machine asks many at once: each would
// take the room in the neighbour table that another counts on. Release ends the turn.
//
// The turn is a lock on the running program's file, which every lab can open
// whatever its sandbox hides; without it the labs go on side by side.
func takeTurn(ctx context.Context, requests int) (release func()) {
	if requests <= manyRequests {
		return func() {}
	}
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return func() {}
	}
	for end := time.Now().Add(longestTurn); time.Now().Before(end) && ctx.Err() == nil; {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
			break
		}
		pause(ctx, time.Millisecond+rand.N(4*time.Millisecond))
	}
	return func() { _ = f.Close() }
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// watch gives a function that reports whether the neighbour table was full since.
func (t *neighbours) watch() (wasFull func() bool) {
	before := t.overflows()
	return func() bool { return t.overflows() > before }
}

// leave makes room for other labs at the end of a turn.
func (t *neighbours) leave(requests int) {
	if requests > manyRequests && t.free() < 2*plenty {
		t.drop()
	}
}

// windowFor is how many requests may be at address resolution at a time where a
// broadcast gets to so many interfaces, 0 where that is not known.
func windowFor(crowd int) int {
	if crowd*window <= backlog*3/2 {
		return window
	}
	return max(1, backlog/crowd)
}

// paced is what a reply says of its request's turn.
func paced(start, begun time.Time, full bool) plan.Pacing {
	p := plan.Pacing{Full: full}
	if !begun.IsZero() {
		p.Queued = begun.Sub(start)
	}
	return p
}
