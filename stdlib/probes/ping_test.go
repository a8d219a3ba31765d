package probes

import (
	"syscall"
	"testing"

	"nsl/runtime/plan"
)

// A neighbour table that other labs have filled is no fault of this one: it is
// asked again.
func TestAFullNeighbourTableIsAskedAgain(t *testing.T) {
	r := plan.PingReply{Sent: 1, Err: plan.PingError{What: "No buffer space available", Errno: syscall.ENOBUFS}}
	if a := (&pingProbe{}).answer(pair{}, r); a.Definite || a.Holds {
		t.Errorf("a moment's lack of room is definite: %+v", a)
	}
	r.Err.Errno = syscall.ENETUNREACH
	if a := (&pingProbe{}).answer(pair{}, r); !a.Definite {
		t.Error("no route is asked about again")
	}
}
