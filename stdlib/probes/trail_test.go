package probes

import (
	"strings"
	"testing"
)

// A path that has not ended at the last hop limit is not called refused.
func TestAPathWithNoEnd(t *testing.T) {
	tr := &trail{pair: pair{from: "a", to: "b"}}
	for range mostHops {
		tr.hops = append(tr.hops, hopSeen{addr: "10.0.0.1"})
	}
	tr.hops = append(tr.hops[:0:0], tr.hops[0])
	if s := tr.String(); !strings.HasSuffix(s, "no end after 1 routers") {
		t.Errorf("it reads %q", s)
	}
	a := (&pathProbe{}).judge(tr)
	if a.Holds || a.Definite || !strings.Contains(a.Why, "at most 64 routers") {
		t.Errorf("it is judged as %+v", a)
	}
}
