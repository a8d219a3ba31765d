// Package diag is the language of errors: what is wrong, where, and how to
// fix it. Diagnostics are values; only the renderers in this package turn
// them into text.
package diag

import (
	"errors"
	"fmt"
	"slices"

	"nsl/lang/source"
)

// Code names a kind of diagnostic for good: "NSL012". See codes.go.
type Code string

// Severity says what a diagnostic does to a run.
type Severity int

// The severities, from the gravest.
const (
	// Error means that the script is wrong: it is not run, or stops (exit 2).
	Error Severity = iota
	// Failure means that an expectation did not hold (exit 1).
	Failure
	// Machine means that this machine cannot do what is asked (exit 3).
	Machine
	// Warning does not stop anything.
	Warning
)

// String is the word that is shown: "error", "failed", "cannot", "warning".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Failure:
		return "failed"
	case Machine:
		return "cannot"
	default:
		return "warning"
	}
}

// Related points at a second place that explains the first.
type Related struct {
	Span source.Span
	Text string
}

// Diagnostic is one finding. Build it with a constructor ([Errorf] and the
// named ones), never by hand.
type Diagnostic struct {
	Code     Code
	Severity Severity
	// Summary is one sentence in networking terms, no full stop.
	Summary string
	// Help says how to fix it; it may have several lines, and may be empty.
	Help string
	// Subject is the culprit; the caret is under it.
	Subject source.Span
	Related []Related
	// Absent is the name that is not there, as a script writes it: red, red:eth0. It
	// is empty where the finding is about something else.
	Absent string
	// Needs is what of the person's files a lab lacked, as a script asks for it.
	Needs Grant

	fix *fix
}

// Error makes a Diagnostic an error; the place is not part of the text.
func (d *Diagnostic) Error() string { return d.Summary }

// WithHelp returns the diagnostic with its help set.
func (d *Diagnostic) WithHelp(format string, args ...any) *Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// WithNearest returns the diagnostic with the candidate that was probably meant
// as its help and its fix, or with the text when none is near.
func (d *Diagnostic) WithNearest(word string, candidates []string, format string, args ...any) *Diagnostic {
	if near := Nearest(word, candidates); near != "" {
		return d.WithHelp("%s", didYouMean(near)).WithFix(d.Subject, word, near)
	}
	return d.WithHelp(format, args...)
}

// WithAbsent returns the diagnostic as one about a name that is not there.
func (d *Diagnostic) WithAbsent(name string) *Diagnostic {
	d.Absent = name
	return d
}

// Grant is a file or directory that a lab gets: Kind is read, write or run.
type Grant struct{ Kind, Name string }

// WithNeed returns the diagnostic as one about a file that the lab was not given.
func (d *Diagnostic) WithNeed(kind, name string) *Diagnostic {
	d.Needs = Grant{kind, name}
	return d.WithHelp("a lab has files of yours only when you say so: --grant %s=%s", kind, name)
}

// WithRelated returns the diagnostic with one more related place.
func (d *Diagnostic) WithRelated(span source.Span, format string, args ...any) *Diagnostic {
	if !span.IsZero() {
		d.Related = append(d.Related, Related{span, fmt.Sprintf(format, args...)})
	}
	return d
}

// New builds a diagnostic of any severity.
func New(code Code, sev Severity, at source.Span, format string, args ...any) *Diagnostic {
	return &Diagnostic{Code: code, Severity: sev, Subject: at, Summary: fmt.Sprintf(format, args...)}
}

// Errorf builds an error at a place.
func Errorf(code Code, at source.Span, format string, args ...any) *Diagnostic {
	return New(code, Error, at, format, args...)
}

// List is several findings in the order they were made.
type List []*Diagnostic

// Add appends the diagnostics that are not nil.
func (l *List) Add(ds ...*Diagnostic) {
	for _, d := range ds {
		if d != nil {
			*l = append(*l, d)
		}
	}
}

// Sort orders the findings by their place; findings at one place keep their order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b *Diagnostic) int { return a.Subject.Start - b.Subject.Start })
}

// Unique drops findings that say the same at the same place, as a loop makes them.
func (l List) Unique() List {
	type key struct {
		code    Code
		at      source.Span
		summary string
	}
	seen := map[key]bool{}
	var out List
	for _, d := range l {
		k := key{d.Code, d.Subject, d.Summary}
		if !seen[k] {
			seen[k] = true
			out = append(out, d)
		}
	}
	return out
}

// fewAtAPlace is how many findings of one code are shown of one place.
const fewAtAPlace = 3

// Few keeps the first findings of those that have the same code and the same place, as each
// name of h${range(1000)} makes one; the last that is kept says how many more there are.
func (l List) Few() List {
	type key struct {
		code Code
		at   source.Span
	}
	count := map[key]int{}
	for _, d := range l {
		count[key{d.Code, d.Subject}]++
	}
	kept := map[key]int{}
	var out List
	for _, d := range l {
		k := key{d.Code, d.Subject}
		kept[k]++
		more := count[k] - fewAtAPlace
		switch {
		case d.Subject.IsZero() || kept[k] < fewAtAPlace || more <= 0:
			out = append(out, d)
		case kept[k] == fewAtAPlace:
			last := *d
			last.Related = append(slices.Clip(d.Related), Related{Text: fmt.Sprintf("%d more like it are at the same place", more)})
			out = append(out, &last)
		}
	}
	return out
}

// Once drops findings that print the same, as two scripts make them that use one module, which
// is read for each of them. The list is changed.
func (l List) Once(set *source.Set) List {
	seen := map[string]bool{}
	return slices.DeleteFunc(l, func(d *Diagnostic) bool {
		key := fmt.Sprintf("%s %s %s", Place(set, d.Subject), d.Code, d.Summary)
		again := seen[key] && !d.Subject.IsZero()
		seen[key] = true
		return again
	})
}

// HasErrors reports whether anything graver than a warning is in the list.
func (l List) HasErrors() bool {
	for _, d := range l {
		if d.Severity != Warning {
			return true
		}
	}
	return false
}

// Err returns the list as an error, or nil when nothing in it stops a run.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error is the summary of the first finding and the number of the others.
func (l List) Error() string {
	switch len(l) {
	case 0:
		return "no findings"
	case 1:
		return l[0].Summary
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Summary, len(l)-1)
}

// FromError returns the diagnostics inside an error and whether there are any.
func FromError(err error) (List, bool) {
	var l List
	if errors.As(err, &l) {
		return l, true
	}
	var d *Diagnostic
	if errors.As(err, &d) {
		return List{d}, true
	}
	return nil, false
}
