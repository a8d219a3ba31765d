package probes

import (
	"net/netip"
	"strings"
	"testing"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// A server that answered for one family only has not said that there is no other address.
func TestHalfAnAnswerDecidesNothing(t *testing.T) {
	e := &dnsProbe{Is: []syntax.Address{{Text: syntax.Text{Value: "fd00::9"}}}}
	reply := plan.LookupReply{Addrs: []netip.Addr{netip.MustParseAddr("10.9.0.9")}, From: "10.0.0.1", Err: "10.0.0.1 does not answer"}
	a := e.judge(nil, plan.Lookup{}, reply)
	if a.Holds || a.Definite || !strings.Contains(a.Seen, "does not answer") {
		t.Errorf("%+v", a)
	}
	reply.Err = ""
	if a := e.judge(nil, plan.Lookup{}, reply); a.Holds || !a.Definite {
		t.Errorf("%+v", a)
	}
}
