package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/diag"
)

// A file of which every text is hostile: what reports show is text, and no command of a
// workflow; the JSON has all of it, escaped.
func TestReportsArePlain(t *testing.T) {
	const bad = "\x1b]0;t\x07\u009b31m\u202e\x7f\r\n  ::warning file=x::lie\n##[add-path]/tmp"
	finding := func(severity string) *Finding {
		return &Finding{Code: "NSL090", Severity: severity, Summary: bad, Help: bad, Place: &Place{At: bad, Line: 1, Column: 1}, Text: bad + "\n", Colored: bad + "\n"}
	}
	answers := []Answer{{Subject: bad, From: bad, To: "a", Seen: bad, Why: bad, Fix: bad}, {From: "a", To: bad}, {From: bad, To: "b"}}
	f := File{Name: bad, Status: Failed, Reason: bad, Failed: 1, Events: []Event{
		{Type: TypeOutput, Text: bad},
		{Type: TypeTest, Test: []string{bad}},
		{Type: TypeExpect, Test: []string{bad}, Status: Failed, Text: bad, Wanted: bad, Found: bad, Answers: answers, Finding: finding("failed")},
		{Type: TypeTestEnd, Test: []string{bad}, Status: Failed, Reason: bad},
		{Type: TypeExpect, Status: Passed, Text: bad, Found: bad, Reason: bad},
		{Type: TypeFinding, Finding: finding("warning")},
		{Type: TypeFinding, Finding: finding("error")},
	}}
	skipped := File{Name: bad, Status: Skipped, Reason: bad}
	annotation := regexp.MustCompile(`^::(error|warning|notice) file=`)
	for _, format := range Formats() {
		for _, color := range []bool{false, true} {
			var out, step bytes.Buffer
			w := New(format, &out, Options{Color: color && format == "pretty", Verbose: true, Summary: &step, Path: func(s string) string { return s }})
			if err := errors.Join(w.Begin(2), w.File(f), w.File(skipped), w.End(Summary{Files: 2})); err != nil {
				t.Fatal(err)
			}
			text := out.String() + step.String()
			if diag.PlainColored(text) != text || format != "pretty" && diag.Plain(text) != text {
				t.Errorf("%s: %q", format, text)
			}
			if (format == "pretty" || format == "tap") && diag.Uncommanded(text) != text {
				t.Errorf("%s has commands:\n%s", format, text)
			}
			if format == "github" {
				for line := range strings.Lines(out.String()) {
					if !annotation.MatchString(line) {
						t.Errorf("github: %q", line)
					}
				}
			}
		}
	}
	if f.Events[0].Text != bad {
		t.Error("a report changed the events of the others")
	}
	var out bytes.Buffer
	if err := New("json", &out, Options{}).File(f); err != nil {
		t.Fatal(err)
	}
	var e Event
	if line := strings.Split(out.String(), "\n")[1]; json.Unmarshal([]byte(line), &e) != nil || e.Text != bad {
		t.Errorf("%q", e.Text)
	}
}
