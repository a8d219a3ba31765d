package report

import "io"

// Formats are the names of all reports.
func Formats() []string { return []string{"pretty", "tap", "junit", "json", "github"} }

// Options are what a report needs to know besides.
type Options struct {
	Color, Verbose bool
	// Tool is the program and its version.
	Tool string
	// Summary is the summary of a GitHub step; nil where there is none.
	Summary io.Writer
	// Path is the name of a file in its repository, for annotations.
	Path func(string) string
}

// New makes the report of a format, one of Formats.
func New(format string, out io.Writer, o Options) Writer {
	switch format {
	case "tap":
		return NewTAP(out)
	case "junit":
		return NewJUnit(out)
	case "json":
		return NewLines(out, o.Tool)
	case "github":
		return NewGitHub(out, o.Summary, o.Path)
	}
	return &Pretty{Out: out, Color: o.Color, Verbose: o.Verbose}
}
