package report

import (
	"fmt"
	"io"
	"strings"

	"nsl/lang/diag"
)

// Pretty is the report for people: a line for each file, and under one that
// failed the whole story.
type Pretty struct {
	Out io.Writer
	// Color turns on ANSI colours.
	Color bool
	// Verbose tells each expectation and test, also those that held.
	Verbose bool

	err error
}

// Begin says nothing.
func (p *Pretty) Begin(int) error { return nil }

// File says how a script ended.
func (p *Pretty) File(f File) error {
	f = f.plain()
	p.printf("%s %s%s\n", p.word(f.Status), f.Name, p.remarks(f))
	for _, e := range f.Events {
		p.event(f, e)
	}
	return p.err
}

func (p *Pretty) remarks(f File) string {
	if f.Status == NotRun {
		return "  (" + f.Reason + ")"
	}
	text := fmt.Sprintf("  %s, %.2f s", count(f.Held+f.Failed), f.Seconds)
	if f.Failed > 0 {
		text = fmt.Sprintf("  %d of %s failed, %.2f s", f.Failed, count(f.Held+f.Failed), f.Seconds)
	}
	if f.Attempts > 1 {
		text += fmt.Sprintf(", attempt %d", f.Attempts)
	}
	if f.Reason != "" {
		text += "  (" + f.Reason + ")"
	}
	return text
}

// event says what explains a failure and what was skipped, and everything when Verbose.
func (p *Pretty) event(f File, e Event) {
	bad := f.Status != Passed && f.Status != Skipped
	switch {
	case e.Finding != nil:
		p.printf("%s%s", e.Finding.shown(p.Color), Matrix(e.Answers, e.Not, p.Color))
	case e.Type == TypeOutput && (bad || p.Verbose):
		p.printf("%s", indented(e.Text))
	case e.Type == TypeTestEnd && (bad && e.Status != Passed || e.Status == Skipped || p.Verbose):
		p.printf("  %s test %q%s\n", p.word(e.Status), strings.Join(e.Test, " / "), because(e.Reason))
	case e.Type == TypeExpect && p.Verbose:
		p.printf("  %s %s  (%s)\n%s", p.word(e.Status), e.Text, e.Found, Matrix(e.Answers, e.Not, p.Color))
	}
}

func (f *Finding) shown(color bool) string {
	if color && f.Colored != "" {
		return f.Colored
	}
	return f.Text
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return "  (" + reason + ")"
}

func indented(text string) string {
	return "    | " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    | ") + "\n"
}

// End counts.
func (p *Pretty) End(s Summary) error {
	p.printf("%s: %s; %s, %.2f s\n", plural(s.Files, "file"), s.counts(), held(s), s.Seconds)
	return p.err
}

func held(s Summary) string {
	if s.Failed == 0 {
		return count(s.Held) + " held"
	}
	return fmt.Sprintf("%d of %s failed", s.Failed, count(s.Held+s.Failed))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// word is a status, as wide as the others.
func (p *Pretty) word(s Status) string {
	text, color := "ok", green
	switch s {
	case Passed:
	case Failed:
		text, color = "FAILED", red
	case Error:
		text, color = "ERROR", red
	case Interrupted:
		text, color = "CUT", yellow
	default:
		text, color = strings.ReplaceAll(string(s), "-", " "), yellow
	}
	return paint(p.Color, color, fmt.Sprintf("%-7s", text))
}

func (p *Pretty) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = io.WriteString(p.Out, diag.Uncommanded(fmt.Sprintf(format, args...)))
	}
}
