package suite

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/report"
)

// Recorder writes what a session does as events. It may be used by several
// goroutines, as programs in the background write when they like. A reader that
// is gone is no error: no one is left to report it to.
type Recorder struct {
	// Text shows findings.
	Text diag.Text

	mu    sync.Mutex
	out   func(report.Event) error
	tests []test
	// changes: statements are recorded when they have changed something, not when they
	// begin, and tries are not.
	changes bool
}

// test is a test block that is running.
type test struct {
	name  string
	start time.Time
	held  int
}

// NewRecorder writes to w, which the caller closes.
func NewRecorder(w io.Writer, text diag.Text) *Recorder {
	out := json.NewEncoder(w)
	return &Recorder{Text: text, out: func(e report.Event) error { return out.Encode(e) }}
}

// NewReporter writes a report of one file while it runs, with what each statement
// changed.
func NewReporter(lines *report.Lines, file string, text diag.Text) *Recorder {
	return &Recorder{Text: text, changes: true, out: func(e report.Event) error { return lines.Event(file, e) }}
}

func (r *Recorder) record(e report.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tests {
		e.Test = append(e.Test, t.name)
	}
	_ = r.out(e)
}

// findings are the events of what a check found.
func findings(file string, text diag.Text, list diag.List) []report.Event {
	r := &Recorder{Text: text}
	var events []report.Event
	for _, d := range list {
		f := r.finding(d)
		events = append(events, report.Event{Type: report.TypeFinding, File: file, Finding: &f})
	}
	return events
}

func (r *Recorder) place(at source.Span) *report.Place {
	p := r.Text.Set.Position(at.Start)
	if p.File == nil || at.IsZero() {
		return nil
	}
	return &report.Place{At: p.File.Name, Line: p.Line, Column: p.Column}
}

func (r *Recorder) line(at source.Span) string {
	return strings.Join(strings.Fields(r.Text.Set.Text(at)), " ")
}

// Begin records what may hang from here on.
func (r *Recorder) Begin(st *syntax.Statement) {
	if !r.changes {
		r.record(report.Event{Type: report.TypeBegin, Place: r.place(st.Span), Text: r.line(st.Span)})
	}
}

// Done records what a statement changed, in no test of a suite: that is about what is
// expected.
func (r *Recorder) Done(st *syntax.Statement, steps []plan.Step) {
	if r.changes {
		r.record(report.Event{Type: report.TypeStatement, Place: r.place(st.Span), Text: r.line(st.Span), Made: report.NewChange(steps)})
	}
}

// Tried records a try after which an expectation is asked again.
func (r *Recorder) Tried(_ *syntax.Statement, e verb.Expectation) {
	if r.changes {
		return
	}
	r.record(report.Event{Type: report.TypeTry, Tries: e.Tries, Seconds: report.Seconds(e.Took), Found: report.Found(e)})
}

// Expected records the result of an expectation.
func (r *Recorder) Expected(st *syntax.Statement, e verb.Expectation) {
	event := report.Event{Type: report.TypeExpect, Place: r.place(st.Span), Text: r.line(st.Span), Status: report.Passed,
		Reason: e.With, Not: e.Not, Answers: report.Answers(e), Tries: e.Tries, Seconds: report.Seconds(e.Took), Found: report.Found(e)}
	if !e.Held {
		event.Status, event.Wanted = report.Failed, report.Wanted(e)
		f := r.finding(report.Failure(st.Span, e))
		event.Finding = &f
	}
	r.mu.Lock()
	if n := len(r.tests); e.Held && n > 0 {
		r.tests[n-1].held++
	}
	r.mu.Unlock()
	r.record(event)
}

// Warned records findings that stop nothing.
func (r *Recorder) Warned(list diag.List) { r.Findings(list) }

// Findings records findings.
func (r *Recorder) Findings(list diag.List) {
	for _, d := range list {
		f := r.finding(d)
		r.record(report.Event{Type: report.TypeFinding, Finding: &f})
	}
}

func (r *Recorder) finding(d *diag.Diagnostic) report.Finding {
	plain := diag.Text{Set: r.Text.Set}
	f := report.Finding{Code: string(d.Code), Severity: d.Severity.String(), Summary: d.Summary, Help: d.Help,
		Place: r.place(d.Subject), Text: plain.Format(d)}
	if fix, ok := d.Fix(r.Text.Set); ok {
		from, to := r.place(fix.Span), r.Text.Set.Position(fix.Span.End)
		f.Fix = &report.Edit{Place: *from, EndLine: to.Line, EndColumn: to.Column, Text: fix.Text}
	}
	if r.Text.Color {
		f.Colored = r.Text.Format(d)
	}
	return f
}

// TestBegun opens a test block.
func (r *Recorder) TestBegun(name string, at source.Span) {
	r.mu.Lock()
	r.tests = append(r.tests, test{name: name, start: time.Now()})
	r.mu.Unlock()
	r.record(report.Event{Type: report.TypeTest, Place: r.place(at)})
}

// TestEnded closes it.
func (r *Recorder) TestEnded(_ string, failed int, err error) {
	t := r.tests[len(r.tests)-1]
	e := report.Event{Type: report.TypeTestEnd, Status: report.Passed, Seconds: report.Seconds(time.Since(t.start)), Held: t.held, Failed: failed}
	var skip *verb.Skip
	switch {
	case errors.As(err, &skip):
		e.Status, e.Reason = report.Skipped, skip.Reason
	case failed > 0:
		e.Status = report.Failed
	case err != nil:
		e.Status = StatusOf(err)
	}
	r.record(e)
	r.mu.Lock()
	r.tests = slices.Delete(r.tests, len(r.tests)-1, len(r.tests))
	r.mu.Unlock()
}

// StatusOf is how a run ended that an error ended.
func StatusOf(err error) report.Status {
	list, ok := diag.FromError(err)
	if !ok {
		return report.Error
	}
	status := report.Failed
	for _, d := range list {
		switch {
		case d.Code == diag.Interrupted:
			return report.Interrupted
		case d.Severity == diag.Error || d.Severity == diag.Machine:
			status = report.Error
		}
	}
	return status
}

// Write takes what the script and its programs write.
func (r *Recorder) Write(text []byte) (int, error) {
	r.record(report.Event{Type: report.TypeOutput, Text: strings.ToValidUTF8(string(text), "\uFFFD")})
	return len(text), nil
}

// End is the last event: how the script ended, with how many expectations.
func (r *Recorder) End(status report.Status, reason string, held, failed int) {
	r.record(report.Event{Type: report.TypeFileEnd, Status: status, Reason: reason, Held: held, Failed: failed})
}
