package suite

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/report"
)

// maxOutput is how much of what a script and its programs write is kept (bytes).
const maxOutput = 1 << 20

// collector makes a File of the events of a process.
type collector struct {
	start time.Time

	mu   sync.Mutex
	file report.File
	// statement is the one that runs, since begun; try is its last try.
	statement, try report.Event
	begun          time.Time
	ended          bool
	written        int
}

// read takes events up to the end of the stream. What is no event is left out:
// the exit code will show that something is wrong.
func (c *collector) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e report.Event
		if json.Unmarshal(line, &e) == nil {
			c.take(e)
		}
		if err != nil {
			return
		}
	}
}

func (c *collector) take(e report.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.File = c.file.Name
	switch e.Type {
	case report.TypeBegin:
		c.statement, c.try, c.begun = e, report.Event{}, time.Now()
		return
	case report.TypeTry:
		c.try = e
		return
	case report.TypeFileEnd:
		c.ended, c.file.Status, c.file.Reason = true, e.Status, e.Reason
		return
	case report.TypeOutput:
		if c.written >= maxOutput {
			return
		}
		if c.written += len(e.Text); c.written >= maxOutput {
			e.Text += "\n… the rest of the output is left out\n"
		}
	case report.TypeExpect:
		c.count(e)
	}
	c.file.Events = append(c.file.Events, e)
}

func (c *collector) count(e report.Event) {
	if e.Status == report.Passed {
		c.file.Held++
	} else {
		c.file.Failed++
	}
}

// waiting says what the process was at when it was cut off, and since when.
func (c *collector) waiting(cut time.Time) (at *report.Place, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.statement.Type == "" {
		return nil, "nothing had begun yet"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "it was at: %s  (for %.1f s)", c.statement.Text, max(0, cut.Sub(c.begun).Seconds()))
	if c.try.Tries > 0 {
		fmt.Fprintf(&b, "\ntried %d times, and seen last: %s", c.try.Tries, c.try.Found)
	}
	return c.statement.Place, b.String()
}

// finding adds one that the process could not report itself.
func (c *collector) finding(code diag.Code, severity diag.Severity, at *report.Place, summary, help string) {
	d := diag.New(code, severity, source.Span{}, "%s", summary).WithHelp("%s", help)
	f := report.Finding{Code: string(code), Severity: severity.String(), Summary: summary, Help: help, Place: at}
	f.Text = diag.Text{}.Format(d)
	if at != nil {
		f.Text = fmt.Sprintf("%s:%d:%d: %s", at.At, at.Line, at.Column, strings.TrimPrefix(f.Text, "nsl: "))
	}
	c.take(report.Event{Type: report.TypeFinding, Finding: &f})
}
