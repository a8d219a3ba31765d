package report

import (
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/lang/verb"
)

// A reason that several pairs have is one.
func TestEqualReasonsAreOne(t *testing.T) {
	down := verb.Answer{Seen: "no reply", Why: "d is down", Fix: "set it up: up d"}
	other := verb.Answer{Subject: "b -> e", Seen: "no reply", Why: "b has no route to e"}
	first, second := down, down
	first.Subject, second.Subject = "a -> d", "b -> d"
	d := Failure(source.Span{}, verb.Expectation{Answers: []verb.Answer{first, other, second}})
	want := []string{"a -> d: no reply", "b -> d: no reply", "  d is down", "  set it up: up d", "b -> e: no reply", "  b has no route to e"}
	if d.Help != strings.Join(want, "\n") {
		t.Errorf("it says\n%s", d.Help)
	}
}
