package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample is a run in which everything happened that a report may have to tell.
func sample() ([]File, Summary) {
	at := func(line int) *Place { return &Place{At: "labs/b.nsl", Line: line, Column: 3} }
	failed := Event{Type: TypeExpect, Place: at(4), Test: []string{"no cable: #1", "inner"}, Status: Failed,
		Text: "expect ping red -> blue", Wanted: "it holds", Found: "red -> blue: no reply from 10.0.0.2", Tries: 9, Seconds: 2.001,
		Answers: []Answer{{Subject: "red -> blue", From: "red", To: "blue", Family: "IPv4", Seen: "no reply from 10.0.0.2", Why: "blue is down", Fix: "up blue"}},
		Finding: &Finding{Code: "NSL090", Severity: "failed", Summary: "red -> blue: no reply from 10.0.0.2, 100% lost", Help: "blue is down\nset it up: up blue",
			Place: at(4), Text: "labs/b.nsl:4:3: failed: red -> blue: no reply from 10.0.0.2, 100% lost [NSL090]\n"}}
	passed := Event{Type: TypeExpect, Place: at(7), Status: Passed, Text: "expect ns h$i", Found: "ns h1: h1 is there", Tries: 1, Seconds: 0.001,
		Answers: []Answer{{Subject: "ns h1", Holds: true, Seen: "h1 is there"}}}
	finding := Event{Type: TypeFinding, Finding: &Finding{Code: "NSL075", Severity: "error", Summary: "interrupted", Text: "nsl: error: interrupted [NSL075]\n"}}
	warning := Event{Type: TypeFinding, Finding: &Finding{Code: "NSL015", Severity: "warning", Summary: "x is never used", Place: at(1), Fix: &Edit{Place: *at(1), EndLine: 1, EndColumn: 4, Text: "_x"}, Text: "labs/b.nsl:1:1: warning: x is never used [NSL015]\n"}}
	files := []File{
		{Name: "labs/a.nsl", Status: Passed, Seconds: 0.25, Attempts: 2, Reason: "it failed before", Held: 2, Events: []Event{passed, passed}},
		{Name: "labs/b.nsl", Status: Failed, Seconds: 2.5, Attempts: 1, Held: 1, Failed: 1, Events: []Event{
			warning,
			{Type: TypeStatement, Place: at(1), Text: "move red:a -> blue", Made: &Change{Text: "blue:a", Commands: []string{"ip -n red link set dev a netns blue"},
				Nodes: []string{"blue"}, Links: []Object{{Node: "red", Link: "a", Kind: "veth"}}, Addresses: []Object{{Node: "red", Link: "a", Address: "10.0.0.1/24"}},
				Gone: []Object{{Node: "red"}}, Moved: []Move{{Object{Node: "red", Link: "a"}, Object{Node: "blue", Link: "a"}}}}},
			{Type: TypeOutput, Text: "hello # world \\ ]]> \x1b[31mred\x00\nok 7 - a lie\n"},
			{Type: TypeTest, Place: at(2), Test: []string{"no cable: #1"}},
			{Type: TypeTest, Place: at(3), Test: []string{"no cable: #1", "inner"}},
			failed,
			{Type: TypeTestEnd, Test: []string{"no cable: #1", "inner"}, Status: Failed, Failed: 1, Seconds: 2.002},
			{Type: TypeTestEnd, Test: []string{"no cable: #1"}, Status: Failed, Failed: 1, Seconds: 2.003},
			{Type: TypeTest, Place: at(6), Test: []string{"needs netem"}},
			{Type: TypeTestEnd, Test: []string{"needs netem"}, Status: Skipped, Reason: "the kernel lacks netem"},
			{Type: TypeTest, Place: at(6), Test: []string{"of nothing"}},
			{Type: TypeTestEnd, Test: []string{"of nothing"}, Status: Passed},
			passed,
		}},
		{Name: "labs/c.nsl", Status: Interrupted, Reason: "interrupted", Seconds: 1, Attempts: 1, Events: []Event{
			{Type: TypeTest, Place: at(2), Test: []string{"cut"}}, finding}},
		{Name: "labs/d.nsl", Status: Skipped, Reason: "the kernel lacks netem", Attempts: 1},
		{Name: "labs/e.nsl", Status: NotRun, Reason: "the run had ended before"},
	}
	var s Summary
	for _, f := range files {
		s.Count(f)
	}
	s.Seconds, s.Exit = 3.75, 130
	return files, s
}

// write writes the sample in a format, and the summary of a GitHub step.
func write(t *testing.T, format string) (text, step string) {
	t.Helper()
	var out, summary bytes.Buffer
	w := New(format, &out, Options{Tool: "nsl 1.2.3", Verbose: true, Summary: &summary, Path: func(s string) string { return s }})
	fixed := func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	switch w := w.(type) {
	case *Lines:
		w.now = fixed
	case *JUnit:
		w.now = fixed
	}
	files, s := sample()
	err := w.Begin(len(files))
	for _, f := range files {
		err = errors.Join(err, w.File(f))
	}
	if err := errors.Join(err, w.End(s)); err != nil {
		t.Fatal(err)
	}
	return out.String(), summary.String()
}

// golden compares with a file of testdata; NSL_UPDATE=1 renews it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("NSL_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (NSL_UPDATE=1 renews it): -want +got\n%s", file, diff)
	}
}

func TestReports(t *testing.T) {
	for _, format := range Formats() {
		text, step := write(t, format)
		golden(t, "sample."+format, text)
		if format == "github" {
			golden(t, "sample.step.md", step)
		}
	}
}

// A reader of a report has to learn that it is not whole.
func TestErrorsOfWritingAreTold(t *testing.T) {
	files, s := sample()
	for _, format := range Formats() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		w := New(format, full, Options{Path: func(s string) string { return s }})
		err = w.Begin(len(files))
		for _, f := range files {
			err = errors.Join(err, w.File(f))
		}
		if err = errors.Join(err, w.End(s)); err == nil {
			t.Errorf("%s: no error from a full disk", format)
		}
		full.Close()
	}
}

func TestColoursAreInNoReportButTheOneOfATerminal(t *testing.T) {
	f := File{Name: "a.nsl", Status: Failed, Events: []Event{{Type: TypeFinding,
		Finding: &Finding{Severity: "error", Summary: "wrong", Text: "plain\n", Colored: "\x1b[31mred\n"}}}}
	for _, format := range Formats() {
		var out bytes.Buffer
		w := New(format, &out, Options{Color: format == "pretty", Path: func(s string) string { return s }})
		if err := errors.Join(w.Begin(1), w.File(f), w.End(Summary{Files: 1})); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "\x1b"); got != (format == "pretty") {
			t.Errorf("%s: colours %v:\n%s", format, got, out.String())
		}
	}
	if f.Events[0].Finding.Colored == "" {
		t.Error("a report changed the events of the others")
	}
}

// What is written is read back as it was.
func TestLinesAreEvents(t *testing.T) {
	text, _ := write(t, "json")
	files, _ := sample()
	var got []Event
	for line := range strings.Lines(text) {
		var e Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if e.File == "labs/b.nsl" && e.Type != TypeFile && e.Type != TypeFileEnd {
			e.File = ""
			got = append(got, e)
		}
	}
	if diff := cmp.Diff(files[1].Events, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
