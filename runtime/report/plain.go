package report

import (
	"slices"

	"nsl/lang/diag"
)

// plain is a file with all texts as they may be shown: programs, peers and file names
// have a part in them.
func (f File) plain() File {
	f.Name, f.Reason = diag.PlainLine(f.Name), diag.PlainLine(f.Reason)
	events := make([]Event, len(f.Events))
	for i, e := range f.Events {
		events[i] = e.plain()
	}
	f.Events = events
	return f
}

func (e Event) plain() Event {
	if e.Type == TypeOutput {
		e.Text = diag.Plain(e.Text)
	} else {
		e.Text = diag.PlainLine(e.Text)
	}
	for _, s := range []*string{&e.File, &e.Reason, &e.Wanted, &e.Found} {
		*s = diag.PlainLine(*s)
	}
	e.Place, e.Finding = e.Place.plain(), e.Finding.plain()
	tests := make([]string, len(e.Test))
	for i, name := range e.Test {
		tests[i] = diag.PlainLine(name)
	}
	e.Test = tests
	answers := make([]Answer, len(e.Answers))
	for i, a := range e.Answers {
		answers[i] = a.plain()
	}
	e.Answers = answers
	return e
}

func (p *Place) plain() *Place {
	if p == nil {
		return nil
	}
	return &Place{At: diag.PlainLine(p.At), Line: p.Line, Column: p.Column}
}

func (f *Finding) plain() *Finding {
	if f == nil {
		return nil
	}
	return &Finding{Code: diag.PlainLine(f.Code), Severity: diag.PlainLine(f.Severity), Summary: diag.PlainLine(f.Summary),
		Help: diag.Plain(f.Help), Place: f.Place.plain(), Text: diag.Plain(f.Text), Colored: diag.PlainColored(f.Colored)}
}

func (a Answer) plain() Answer {
	for _, s := range []*string{&a.Subject, &a.From, &a.To, &a.Family, &a.Seen} {
		*s = diag.PlainLine(*s)
	}
	a.Why, a.Fix = diag.Plain(a.Why), diag.Plain(a.Fix)
	statements := slices.Clone(a.Statements)
	for i, s := range statements {
		statements[i] = diag.PlainLine(s)
	}
	a.Statements = statements
	return a
}
