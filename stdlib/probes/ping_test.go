package probes

import (
	"syscall"
	"testing"
	"time"

	"nsl/lang/source"
	"nsl/lang/syntax"
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

// Bounds hold from above and from below; where one is on losses, not all must be answered.
func TestBoundsOfAPing(t *testing.T) {
	half := plan.PingReply{Sent: 10, Received: 5, RTT: 100 * time.Millisecond, Deviation: 3 * time.Millisecond}
	for options, want := range map[string]bool{
		"": false, "loss < 60%": true, "loss < 50%": false, "loss > 40%": true, "loss > 50%": false, "loss > 40% loss < 45%": false,
		"loss > 1% rtt > 90ms rtt < 120ms": true, "loss > 1% rtt > 100ms": false, "loss > 1% rtt < 100ms": false,
		"loss > 1% jitter < 4ms": true, "loss > 1% jitter < 3ms": false, "loss > 1% jitter > 2ms": true, "loss > 1% jitter > 3ms": false,
	} {
		parsed := parse(t, Ping(), "ping a -> b count 10 "+options)
		if got := parsed.(*pingProbe).bounds(half, 50); got != want {
			t.Errorf("%q: %v", options, got)
		}
	}
}

// What a response must have in its header.
func TestHeadersOfAResponse(t *testing.T) {
	moved := &plan.HTTPReply{Status: 301, Header: map[string]string{"Location": "http://b/x", "Server": "nsl/b"}}
	page := &plan.HTTPReply{Status: 200, Header: map[string]string{"Location": "http://b/x"}}
	for options, want := range map[string][2]string{
		"redirects to http://b/x":     {"", "does not redirect"},
		"redirects to http://b/y":     {"redirects to http://b/x", "does not redirect"},
		"header server contains nsl":  {"", "its header has no Server"},
		"header location contains /x": {"", ""},
		"header Location contains /y": {"its header has Location: http://b/x", "its header has Location: http://b/x"},
	} {
		parsed := parse(t, HTTP(), "http a -> b "+options)
		h := parsed.(*httpProbe)
		if got := [2]string{h.headerLacks(moved), h.headerLacks(page)}; got != want {
			t.Errorf("%q: %q", options, got)
		}
	}
}

// parse reads a probe.
func parse(t *testing.T, v *verb.Verb, text string) verb.Node {
	t.Helper()
	tree := syntax.Split((&source.Set{}).Add("probe", text))
	node, list := v.Parse(verb.NewTable(nil, nil), tree.Statements[0].Head())
	if len(list) > 0 {
		t.Fatal(text, list)
	}
	return node
}
