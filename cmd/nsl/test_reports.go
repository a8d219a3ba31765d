package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/report"
)

// testFormats are the formats of nsl test.
func testFormats() []string { return []string{"pretty"} }

// reports are all reports of a run.
type reports struct {
	list []*oneReport
	// progress is nil where nobody looks.
	progress *report.Progress
}

// oneReport is a report and what it goes to.
type oneReport struct {
	report.Writer
	name string
	file *os.File
	// shown: it goes to standard output, whose end ends the run.
	shown bool
	err   error
}

// openReports opens every file before anything is run, so that none is missing in
// the end.
func openReports(o testOptions) (*reports, error) {
	rs := &reports{}
	for _, word := range o.formatWords() {
		format, file, named := strings.Cut(word, "=")
		if err := oneOf("--format", format, testFormats()); err != nil {
			return nil, err
		}
		if !named {
			file = o.Output
		}
		if err := rs.open(format, file, o); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

// formatWords are the formats, with pretty on standard output when nothing else
// goes there.
func (o testOptions) formatWords() []string {
	words := o.Formats
	if len(words) == 0 {
		return []string{"pretty"}
	}
	for _, w := range words {
		if !strings.Contains(w, "=") {
			return words
		}
	}
	if o.Output != "" {
		return words
	}
	return append([]string{"pretty"}, words...)
}

func (rs *reports) open(format, file string, o testOptions) error {
	r := &oneReport{name: file, file: os.Stdout, shown: file == "" || file == stdinName}
	if r.shown {
		r.name = "standard output"
	} else {
		var err error
		if r.file, err = os.Create(file); err != nil {
			return noReport(file, err)
		}
	}
	rs.list = append(rs.list, r)
	var out io.Writer = r.file
	if r.shown && format == "pretty" && isTerminal(os.Stdout) && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb" {
		rs.progress = report.NewProgress(os.Stdout, terminalWidth(os.Stdout))
		out = rs.progress
	}
	r.Writer = &report.Pretty{Out: out, Color: r.shown && colorOn(os.Stdout), Verbose: o.Verbose}
	return nil
}

func terminalWidth(f *os.File) int {
	const usual = 80
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return usual
	}
	return int(size.Col)
}

func noReport(name string, err error) *diag.Diagnostic {
	return diag.New(diag.NoReport, diag.Machine, source.Span{}, "cannot write the report to %s: %v", name, reason(err))
}

func (rs *reports) begin(files int) {
	if rs.progress != nil {
		rs.progress.Begin(files)
	}
	_ = rs.each(func(w report.Writer) error { return w.Begin(files) })
}

// file tells a file to all reports. The error is that of standard output: who
// looked is gone, and so is the reason to go on.
func (rs *reports) file(f report.File) error {
	return rs.each(func(w report.Writer) error { return w.File(f) })
}

func (rs *reports) each(tell func(report.Writer) error) error {
	var broken error
	for _, r := range rs.list {
		if r.err == nil {
			if err := tell(r.Writer); err != nil {
				r.err = noReport(r.name, err)
			}
		}
		if r.shown && r.err != nil {
			broken = errStopped
		}
	}
	return broken
}

// errStopped ends a run; the report's own error tells why.
var errStopped = errors.New("nobody reads what is written")

// end closes the reports, and tells which of them are not whole.
func (rs *reports) end(s report.Summary) error {
	if rs.progress != nil {
		rs.progress.Close()
	}
	_ = rs.each(func(w report.Writer) error { return w.End(s) })
	var list diag.List
	for _, r := range rs.list {
		if !r.shown {
			if err := r.file.Close(); err != nil && r.err == nil {
				r.err = noReport(r.name, err)
			}
		}
		var d *diag.Diagnostic
		if errors.As(r.err, &d) {
			list.Add(d.WithHelp("%s", kept(s)))
		}
	}
	return list.Err()
}

func kept(s report.Summary) string {
	ended := s.Files - s.Statuses[report.NotRun]
	return fmt.Sprintf("%d of %d files had ended; exit code of the tests: %d", ended, s.Files, s.Exit)
}
