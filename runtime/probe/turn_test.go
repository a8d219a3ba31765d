package probe

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Labs that ask many at once take turns on the machine's neighbour table; few need
// not wait.
func TestManyRequestsTakeTurns(t *testing.T) {
	release := takeTurn(t.Context(), manyRequests+1)
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("another lab may have the turn too: %v", err)
	}
	takeTurn(t.Context(), manyRequests)()
	got := make(chan func())
	go func() { got <- takeTurn(t.Context(), manyRequests+1) }()
	release()
	select {
	case next := <-got:
		next()
	case <-time.After(longestTurn):
		t.Error("the turn is not given on")
	}
}

// A broadcast that gets to many leaves room for fewer at a time.
func TestWindowFor(t *testing.T) {
	for crowd, want := range map[int]int{0: 16, 30: 16, 90: 16, 200: 5, 600: 1, 5000: 1} {
		if n := windowFor(crowd); n != want {
			t.Errorf("%d at a time where a broadcast gets to %d, not %d", n, crowd, want)
		}
	}
}
