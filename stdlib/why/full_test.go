package why

import (
	"strings"
	"syscall"
	"testing"

	"nsl/runtime/plan"
)

// A neighbour table that other labs have filled is no fault of this one: it is
// said so.
func TestAFullNeighbourTableIsExplained(t *testing.T) {
	e := plan.PingError{What: "No buffer space available", Errno: syscall.ENOBUFS}
	why, fix := unanswered(nil, Request{}, "blue", e)
	if !strings.Contains(why, "neighbour table is full") || !strings.Contains(fix, "gc_thresh3=") {
		t.Errorf("it is explained as %q, %q", why, fix)
	}
}
