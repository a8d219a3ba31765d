package diag

import (
	"testing"

	"nsl/lang/source"
)

// A fix replaces a part of a place that is there once, as it was written.
func TestFix(t *testing.T) {
	set := &source.Set{}
	f := set.Add("a.nsl", "link red:eth0 <-> $b; link bleu <-> bleu")
	for _, c := range []struct {
		in, part string
		at       string // "" is no fix
	}{
		{"red:eth0", "eth0", "eth0"}, {"red:eth0", "", "red:eth0"}, {"$b", "blue", ""}, {"bleu <-> bleu", "bleu", ""},
	} {
		d := Errorf(UnknownNode, find(f, c.in), "wrong").WithFix(find(f, c.in), c.part, "now")
		fix, ok := d.Fix(set)
		if ok != (c.at != "") || ok && (fix.Span != find(f, c.at) || fix.Text != "now") {
			t.Errorf("%q in %q: %v, %v", c.part, c.in, fix, ok)
		}
	}
	if _, ok := Errorf(UnknownNode, source.Span{}, "nowhere").WithNearest("bleu", []string{"blue"}, "").Fix(set); ok {
		t.Error("a finding of no place has a fix")
	}
}
