package stdlib

import (
	"strings"
	"syscall"
	"testing"

	"nsl/runtime/plan"
)

// A neighbour table that other labs have filled is no fault of this one: it is
// asked again, and told.
func TestAFullNeighbourTableIsTold(t *testing.T) {
	r := plan.PingReply{Sent: 1, Err: plan.PingError{What: "No buffer space available", Errno: syscall.ENOBUFS}}
	if a := (&Ping{}).answer(pair{}, r); a.Definite || a.Holds {
		t.Errorf("a moment's lack of room is definite: %+v", a)
	}
	why, mend := whyUnanswered(nil, "red", "blue", packet{}, r.Err)
	if !strings.Contains(why, "table of neighbours is full") || !strings.Contains(mend, "gc_thresh3=") {
		t.Errorf("it is explained as %q, %q", why, mend)
	}
	r.Err.Errno = syscall.ENETUNREACH
	if a := (&Ping{}).answer(pair{}, r); !a.Definite {
		t.Error("no route is asked about again")
	}
}
