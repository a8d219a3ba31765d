package nfread

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// FuzzRule: whatever a program made a rule, a chain or a set of, it is read.
func FuzzRule(f *testing.F) {
	name := rtnl.WithAttribute(nil, unix.NFTA_EXPR_NAME, []byte("meta\x00"))
	data := rtnl.WithAttribute(name, unix.NFTA_EXPR_DATA, rtnl.WithAttribute(nil, unix.NFTA_META_KEY, []byte{0, 0, 0, 6}))
	f.Add(rtnl.WithAttribute(nil, unix.NFTA_LIST_ELEM, data))
	f.Add([]byte("\x00\x03hi\x00"))
	f.Add([]byte("\x00\xffA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(exprs(b)) > len(b)/4 {
			t.Fatalf("more expressions than there are")
		}
		if c := comment(b); !strings.Contains(string(b), c) {
			t.Fatalf("%q of %q", c, b)
		}
		c := plan.FilterChain{}
		hookOf(&c, unix.NFPROTO_INET, b)
		_ = element(attributesOf(b, 0))
		_ = fields(b)
	})
}

// FuzzLegacy: whatever a table of iptables-legacy(8) looks like, it is read.
func FuzzLegacy(f *testing.F) {
	f.Add(make([]byte, 200), false)
	f.Add(make([]byte, 400), true)
	f.Fuzz(func(_ *testing.T, b []byte, six bool) {
		t := blob{legacy: legacy{layout: layout4()}, data: b}
		if six {
			t.layout = layout6()
		}
		_ = t.entries()
	})
}
