package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// JUnit writes JUnit's XML, in the dialect that Jenkins, GitLab and their like
// read: a suite for each file; in it a case for each test, and for each expectation
// that is in no test. It writes in the end, for the counts come first.
type JUnit struct {
	out io.Writer
	now func() time.Time
	all junitSuites
}

// NewJUnit writes to out.
func NewJUnit(out io.Writer) *JUnit { return &JUnit{out: out, now: time.Now} }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	File      string      `xml:"file,attr"`
	Cases     []junitCase `xml:"testcase"`
	Out       *junitText  `xml:"system-out"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Time    string       `xml:"time,attr"`
	File    string       `xml:"file,attr"`
	Line    int          `xml:"line,attr,omitempty"`
	Skipped *junitResult `xml:"skipped"`
	Error   *junitResult `xml:"error"`
	Failure *junitResult `xml:"failure"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// inXML makes of a text one that XML 1.0 can hold (section 2.2, Char).
func inXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return '\uFFFD'
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// Begin has nothing to write yet.
func (*JUnit) Begin(int) error { return nil }

// File adds a suite.
func (j *JUnit) File(f File) error {
	f = f.plain()
	s := junitSuite{Name: f.Name, File: f.Name, Time: seconds(f.Seconds),
		Timestamp: j.now().UTC().Format("2006-01-02T15:04:05")}
	if text := f.output(); text != "" {
		s.Out = &junitText{inXML(text)}
	}
	for _, n := range tree(f.Events) {
		if !n.warning() {
			s.Cases = append(s.Cases, junitCaseOf(f.Name, n))
		}
	}
	// What has no case of its own is reported by one for the whole file.
	if f.Status == Skipped || f.Status == NotRun {
		s.Cases = append(s.Cases, junitCase{Name: f.Name, Class: f.Name, Time: seconds(0), File: f.Name,
			Skipped: &junitResult{Message: f.Reason}})
	}
	distinct(s.Cases)
	s.count()
	j.all.Suites = append(j.all.Suites, s)
	j.all.Tests += s.Tests
	j.all.Failures += s.Failures
	j.all.Errors += s.Errors
	j.all.Skipped += s.Skipped
	return nil
}

func (s *junitSuite) count() {
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

func junitCaseOf(file string, n *node) junitCase {
	at := n.place(file)
	c := junitCase{Name: n.name(), Class: file, Time: seconds(n.Seconds + n.end.Seconds), File: at.At, Line: at.Line}
	if n.status() == Skipped {
		c.Skipped = &junitResult{Message: n.end.Reason}
		return c
	}
	for _, b := range n.bad() {
		c.add(b)
	}
	if n.status() == Error && c.Error == nil && c.Failure == nil {
		c.Error = &junitResult{Message: "it was cut off"}
	}
	return c
}

// add adds what went wrong: the first gives the message, all of them the text.
func (c *junitCase) add(n *node) {
	kind := &c.Failure
	if n.status() == Error {
		kind = &c.Error
	}
	if *kind == nil {
		*kind = &junitResult{Message: n.Finding.Summary, Type: n.Finding.Code}
	}
	(*kind).Text += inXML(n.Finding.Text + Matrix(n.Answers, n.Not, false))
}

// distinct gives cases of one name a number: a loop makes the same statement
// several times, and readers take cases of one name for one.
func distinct(cases []junitCase) {
	seen := map[string]int{}
	for i := range cases {
		name := cases[i].Name
		if seen[name]++; seen[name] > 1 {
			cases[i].Name = fmt.Sprintf("%s #%d", name, seen[name])
		}
	}
}

// End writes everything.
func (j *JUnit) End(s Summary) error {
	j.all.Name, j.all.Time = "nsl test", seconds(s.Seconds)
	text, err := xml.MarshalIndent(j.all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.out, "%s%s\n", xml.Header, text)
	return err
}

func seconds(s float64) string { return strings.TrimSpace(fmt.Sprintf("%.3f", s)) }
