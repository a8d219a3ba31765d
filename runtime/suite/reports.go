package suite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/report"
	"nsl/runtime/terminal"
)

// reports are all reports of a run.
type reports struct {
	list []*oneReport
	// progress is nil where no one looks.
	progress *report.Progress
}

// oneReport is a report and what it goes to.
type oneReport struct {
	report.Writer
	format string
	name   string
	file   *os.File
	// shown: it goes to standard output, whose end ends the run.
	shown bool
	// summary is that of a GitHub step, or nil.
	summary *os.File
	err     error
}

// Reports is which reports are written.
type Reports struct {
	// Formats are words of report.Formats, each with =FILE or without.
	Formats []string
	// Output is the file of the format that names none; "" is standard output.
	Output string
	// Verbose includes the expectations that held.
	Verbose bool
	// Tool is the name and version of this program.
	Tool string
}

// open opens every file before anything is run, so that none is missing in the
// end.
func open(o Reports) (*reports, error) {
	rs := &reports{}
	for _, word := range o.words() {
		format, file, named := strings.Cut(word, "=")
		if !named {
			file = o.Output
		}
		if d := rs.clash(format, file); d != nil {
			return nil, d
		}
		if err := rs.open(format, file, o); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

// words are the formats, with pretty on standard output when nothing else
// goes there.
func (o Reports) words() []string {
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

// clash is the finding that two reports would be written into one another. On
// standard output annotations go well between the lines for people.
func (rs *reports) clash(format, file string) error {
	for _, r := range rs.list {
		lines := r.shown && slices.Contains([]string{"pretty", "github"}, format) && slices.Contains([]string{"pretty", "github"}, r.format) && r.format != format
		if same := r.shown && (file == "" || file == script.Stdin) || r.name == file; same && !lines {
			return diag.Errorf("", source.Span{}, "--format %s and --format %s both go to %s: write --format %s=FILE", r.format, format, r.name, format).
				WithHelp("nsl test --help lists the flags")
		}
	}
	return nil
}

func (rs *reports) open(format, file string, o Reports) error {
	r := &oneReport{format: format, name: file, file: os.Stdout, shown: file == "" || file == script.Stdin}
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
	if r.shown && format == "pretty" && terminal.Is(os.Stdout) && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb" {
		rs.progress = report.NewProgress(os.Stdout, terminal.Width(os.Stdout))
		out = rs.progress
	}
	options := report.Options{Color: r.shown && terminal.Color(os.Stdout), Verbose: o.Verbose, Tool: o.Tool, Path: inRepository}
	if step := os.Getenv("GITHUB_STEP_SUMMARY"); format == "github" && step != "" {
		var err error
		if r.summary, err = os.OpenFile(step, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
			return noReport(step, err)
		}
		options.Summary = r.summary
	}
	r.Writer = report.New(format, out, options)
	return nil
}

func noReport(name string, err error) *diag.Diagnostic {
	return diag.New(diag.NoReport, diag.Machine, source.Span{}, "cannot write the report to %s: %v", name, script.Reason(err))
}

func (rs *reports) begin(files int) {
	if rs.progress != nil {
		rs.progress.Begin(files)
	}
	_ = rs.each(func(w report.Writer) error { return w.Begin(files) })
}

// file writes a file to all reports. The error is that of standard output: the
// reader is gone, and with it the reason to go on.
func (rs *reports) file(f report.File) error {
	return rs.each(func(w report.Writer) error { return w.File(f) })
}

func (rs *reports) each(write func(report.Writer) error) error {
	var broken error
	for _, r := range rs.list {
		if r.err == nil {
			if err := write(r.Writer); err != nil {
				r.err = noReport(r.name, err)
			}
		}
		if r.shown && r.err != nil {
			broken = errStopped
		}
	}
	return broken
}

// errStopped ends a run; the report's own error says why.
var errStopped = errors.New("no one reads what is written")

// end closes the reports, and returns which of them are incomplete.
func (rs *reports) end(s report.Summary) error {
	if rs.progress != nil {
		rs.progress.Close()
	}
	_ = rs.each(func(w report.Writer) error { return w.End(s) })
	var list diag.List
	for _, r := range rs.list {
		if err := r.close(); err != nil && r.err == nil {
			r.err = noReport(r.name, err)
		}
		var d *diag.Diagnostic
		if errors.As(r.err, &d) {
			list.Add(d.WithHelp("%s", kept(s)))
		}
	}
	return list.Err()
}

func (r *oneReport) close() (err error) {
	if !r.shown {
		err = r.file.Close()
	}
	if r.summary != nil {
		err = errors.Join(err, r.summary.Close())
	}
	return err
}

// inRepository is the name that annotations want: from the root of the checkout.
func inRepository(name string) string {
	root := os.Getenv("GITHUB_WORKSPACE")
	abs, err := filepath.Abs(name)
	if root == "" || err != nil {
		return name
	}
	if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}

func kept(s report.Summary) string {
	ended := s.Files - s.Statuses[report.NotRun]
	return fmt.Sprintf("%d of %d files had ended; exit code of the tests: %d", ended, s.Files, s.Exit)
}
