package engine_test

import (
	"context"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/stdlib"
)

// TestFound keeps what random scripts once broke: each ends, soon, with the
// finding that is named, or with none.
func TestFound(t *testing.T) {
	grow := "let s = \"0123456789\"\n" + strings.Repeat("let s = $s + $s\n", 9) + "let l = <$s $s>\n" + strings.Repeat("let l = $l + $l\n", 6)
	table := stdlib.Table()
	for script, want := range map[string]diag.Code{
		"def f(a, b = host(10.0.0.0/8, 5)) { print $b }\nf x": "",
		"let ab = <a b>\nprint \"${join(ab, \"}\")}\"":        "",
		"def f(, a) { }":                             diag.BadArgs,
		"for i in 1..2 { ns a$i } else { ns b }":     diag.Unexpected,
		"test \"x\" { ns a } else { ns b }":          diag.Unexpected,
		"let x = 5 { ns red }":                       diag.NoBlockHere,
		"print a { ns red }":                         diag.NoBlockHere,
		"defer defer ns red":                         diag.Unexpected,
		"let x = 1" + strings.Repeat(" + 1", 50_000): diag.TooDeep,
		strings.Repeat("for i in 1..200 {\n", 12) + strings.Repeat("}\n", 12): diag.LimitHit,
		grow + "print $l":     diag.LimitHit,
		grow + "print \"$l\"": diag.LimitHit,
		"test \"t\" { auto off }\nns a b\nlink a <-> b\nexpect addr a 192.168.15.1": "",
		"auto dual\nns a b\nlink a <-> b mtu 1000":                                  diag.BadNumber,
		"ns a\nshape a:lo a:lo":                                                     diag.Unexpected,
		"ns a\nbridge sw <a a>\nexpect link a":                                      diag.Ambiguous,
	} {
		r := newTrial(table, script)
		r.watched = true
		inBubble(t, script, hung, func() {
			list := r.check()
			r.judge(list)
			_ = r.run()
			var got diag.Code
			for _, d := range list {
				if d.Severity == diag.Error {
					got = d.Code
					break
				}
			}
			if got != want || want == "" && r.session.Failed > 0 {
				t.Errorf("%.80q: %q, want %q: %v", script, got, want, list)
			}
		})
		r.report(t)
	}
}

// TestInterrupted holds that Ctrl-C ends statements that do nothing to the lab too.
func TestInterrupted(t *testing.T) {
	r := newTrial(stdlib.Table(), "for i in 1..100 { let x = $i }\nns red\n")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	list, ok := diag.FromError(r.session.Run(ctx, r.tree.Statements))
	if !ok || list[0].Code != diag.Interrupted || r.world.Ops() > 0 {
		t.Errorf("%v, %d ops", list, r.world.Ops())
	}
}
