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

// Statements are written before the one at a place, on lines of their own where it begins one.
func TestStatementsBefore(t *testing.T) {
	for script, want := range map[string]string{
		"ns a\nexpect x":           "ns a\nup a\nup b\nexpect x",
		"test \"t\" {\n  expect x": "test \"t\" {\n  up a\n  up b\n  expect x",
		"ns a; expect x":           "ns a; up a; up b; expect x",
		"expect x":                 "up a\nup b\nexpect x",
	} {
		set := &source.Set{}
		set.Add("first.nsl", "")
		f := set.Add("a.nsl", script)
		fix, ok := New(NotHeld, Failure, find(f, "expect x"), "it does not hold").WithStatements(find(f, "expect x"), "up a", "up b").Fix(set)
		got := f.Text[:fix.Span.Start-f.Base] + fix.Text + f.Text[fix.Span.End-f.Base:]
		if !ok || got != want {
			t.Errorf("%q: %q, want %q", script, got, want)
		}
	}
}
