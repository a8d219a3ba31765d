package repl

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/report"
)

// observer prints what a session does as it does it. What a statement made is
// printed when it is done, by [prompt.answer].
type observer struct{ *prompt }

// Begin notes that a statement may write something itself.
func (o *observer) Begin(st *syntax.Statement) {
	o.nameFiles(st)
	if v := o.session.Interp.Table.Verb(st.Verb().Text); v == nil || v.Group == verb.Looking {
		o.typed.fresh = false
	}
}

// Done tells nothing yet: the statement may be one of many of what was typed.
func (o *observer) Done(*syntax.Statement, []plan.Step) {}

// Warned tells findings that stop nothing.
func (o *observer) Warned(list diag.List) { o.report(list) }

// Expected tells a result, with the time that it took.
func (o *observer) Expected(st *syntax.Statement, e verb.Expectation) {
	if !e.Held {
		o.report(diag.List{report.Failure(st.Span, e)})
		_, _ = io.WriteString(o.out, report.Matrix(report.Answers(e), e.Not, o.Color))
		return
	}
	what := ""
	if !o.typed.fresh {
		what = strings.Join(strings.Fields(o.Set.Text(st.Span)), " ") + "  "
	}
	ok := "ok"
	if o.Color {
		ok = paint("\x1b[32m", ok)
	}
	o.say("%s  %s%s  (took %s)", ok, what, report.Found(e), shortTime(e.Took))
}

// shortTime is a duration with no more digits than anyone reads.
func shortTime(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// TestBegun tells the name of a test block.
func (o *observer) TestBegun(name string, _ source.Span) { o.say("test %q", name) }

// TestEnded reports how a test block ended.
func (o *observer) TestEnded(name string, failed int, err error) {
	var skip *verb.Skip
	switch {
	case errors.As(err, &skip):
		o.say("skipped  test %q  (%s)", name, skip.Reason)
		return
	case failed > 0 || err != nil:
		o.say("FAILED  test %q", name)
		return
	}
	o.say("ok  test %q; what it changed is undone", name)
}
