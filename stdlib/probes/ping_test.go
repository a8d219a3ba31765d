package probes

import (
	"syscall"
	"testing"
	"time"

	"nsl/lang/verb"
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

// A try during which the table was full does not count, nor does the wait for a turn;
// an answer that came counts all the same.
func TestTimeThatOthersTake(t *testing.T) {
	var d delay
	full, queued := plan.Pacing{Full: true}, plan.Pacing{Queued: time.Second}
	if !d.note([]verb.Answer{{Holds: true}, {Silent: true, Pacing: full}}, 2*time.Second) || d.total != 2*time.Second {
		t.Errorf("silence counts although the table was full: %v", d.total)
	}
	if d.note([]verb.Answer{{Holds: true, Pacing: full}, {Silent: true, Pacing: queued}}, 3*time.Second) || d.total != 3*time.Second {
		t.Errorf("what was queued counts: %v", d.total)
	}
	if d.note([]verb.Answer{{Definite: true, Pacing: full}}, time.Second) {
		t.Error("a refusal is asked about again")
	}
	d.total = mostDelay
	if d.note([]verb.Answer{{Silent: true, Pacing: full}}, time.Second) {
		t.Error("it never ends")
	}
}
