package report

import (
	"fmt"
	"strings"
	"time"
)

// Version is that of the JSON lines: it grows when a field is taken away or
// changes its meaning. New fields and types of events do not change it.
const Version = 1

// Type says what an Event tells.
type Type string

// The types of events. Begin and Try come from a run that goes on and are in no
// report; Statement comes only from statements that change a running lab.
const (
	TypeRun       Type = "run"
	TypeFile      Type = "file"
	TypeExpect    Type = "expect"
	TypeTest      Type = "test"
	TypeTestEnd   Type = "test-end"
	TypeOutput    Type = "output"
	TypeFinding   Type = "finding"
	TypeFileEnd   Type = "file-end"
	TypeSummary   Type = "summary"
	TypeStatement Type = "statement"
	TypeBegin     Type = "begin"
	TypeTry       Type = "try"
)

// Status is how an expectation, a test or a file ended.
type Status string

// The statuses, in the words of every report. Errors are not the network's: the
// script is wrong or the machine cannot run it.
const (
	Passed      Status = "passed"
	Failed      Status = "failed"
	Skipped     Status = "skipped"
	Error       Status = "error"
	Interrupted Status = "interrupted"
	NotRun      Status = "not-run"
)

// Event is a line of the JSON report: docs/report.md says which fields each type
// has. The process inside a sandbox reports what it does in the same words.
type Event struct {
	Type Type `json:"type"`
	// File is the script as the command line or the search found it; Place.File
	// may be a module of it.
	File string `json:"file,omitempty"`
	*Place
	// Test are the names of the tests around it, the outermost first; those of a
	// test event end with its own.
	Test   []string `json:"test,omitempty"`
	Status Status   `json:"status,omitempty"`
	// Text is the statement on one line, or what was written.
	Text string `json:"text,omitempty"`
	// Reason is why something was skipped or not run, or passed at a later attempt.
	Reason string `json:"reason,omitempty"`
	// Wanted and Found are what an expectation that failed says, in few words.
	Wanted  string   `json:"wanted,omitempty"`
	Found   string   `json:"found,omitempty"`
	Not     bool     `json:"not,omitempty"`
	Answers []Answer `json:"answers,omitempty"`
	// Tries is how often was asked.
	Tries   int      `json:"tries,omitempty"`
	Seconds float64  `json:"seconds,omitempty"`
	Finding *Finding `json:"finding,omitempty"`
	// Made is what a statement changed.
	Made *Change `json:"made,omitempty"`
	// Held and Failed count expectations.
	Held   int `json:"held,omitempty"`
	Failed int `json:"failed,omitempty"`
	// Attempts is how often a file was run.
	Attempts int `json:"attempts,omitempty"`
	// Version and Tool head the report.
	Version int    `json:"version,omitempty"`
	Tool    string `json:"tool,omitempty"`
	// Time is when the run began (RFC 3339), and Exit its exit code.
	Time string `json:"time,omitempty"`
	Exit *int   `json:"exit,omitempty"`
	// Files counts, and Statuses how many files ended how.
	Files    int            `json:"files,omitempty"`
	Statuses map[Status]int `json:"statuses,omitempty"`
}

// Place is where a statement is.
type Place struct {
	At     string `json:"at"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Seconds is a time as the reports have it, to the microsecond.
func Seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

// Answer is what one pair of an expectation gave.
type Answer struct {
	Subject string `json:"subject"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	// Family is "IPv4" or "IPv6".
	Family string `json:"family,omitempty"`
	// Denied: it holds when nothing gets through.
	Denied bool   `json:"denied,omitempty"`
	Holds  bool   `json:"holds"`
	Seen   string `json:"seen"`
	Why    string `json:"why,omitempty"`
	Fix    string `json:"fix,omitempty"`
	// Statements are those that Fix proposes.
	Statements []string `json:"statements,omitempty"`
}

// Finding is a diagnostic as the reports have it.
type Finding struct {
	Code     string `json:"code,omitempty"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Help     string `json:"help,omitempty"`
	*Place
	// Fix is an edit that the finding proposes.
	Fix *Edit `json:"fix,omitempty"`
	// Text is the finding as nsl run shows it, and Colored the same in colours,
	// where they are wanted; it is in no report.
	Text    string `json:"text"`
	Colored string `json:"colored,omitempty"`
}

// Edit replaces the text from a place to its end, which is exclusive.
type Edit struct {
	Place
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Text      string `json:"text"`
}

// File is a script that was run, or that was not.
type File struct {
	Name    string
	Status  Status
	Reason  string
	Seconds float64
	// Attempts is 1 unless it was run again after a failure.
	Attempts     int
	Held, Failed int
	// Events are what happened, in order: expect, test, test-end, output, finding.
	Events []Event
}

// Summary is the end of a run.
type Summary struct {
	Files        int
	Statuses     map[Status]int
	Held, Failed int
	Seconds      float64
	// Exit is the exit code of nsl test.
	Exit int
}

// Count adds a file.
func (s *Summary) Count(f File) {
	if s.Statuses == nil {
		s.Statuses = map[Status]int{}
	}
	s.Files++
	s.Statuses[f.Status]++
	s.Held += f.Held
	s.Failed += f.Failed
}

// Writer is one report of a run. Its errors are those of what it writes to.
type Writer interface {
	// Begin comes first; files is how many File will tell.
	Begin(files int) error
	// File comes for each file, in the order of their names.
	File(f File) error
	// End comes last, also when the run was cut short.
	End(s Summary) error
}

// severityWarning is the one that stops nothing.
const severityWarning = "warning"

// output is all that the script and its programs wrote.
func (f File) output() string {
	text := ""
	for _, e := range f.Events {
		if e.Type == TypeOutput {
			text += e.Text
		}
	}
	return text
}

// counts says how many files ended how.
func (s Summary) counts() string {
	var parts []string
	for _, st := range []Status{Passed, Failed, Error, Interrupted, Skipped, NotRun} {
		switch n := s.Statuses[st]; {
		case n == 0:
		case st == Error:
			parts = append(parts, plural(n, string(st)))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(st), "-", " ")))
		}
	}
	return strings.Join(parts, ", ")
}
