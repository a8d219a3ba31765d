package report

import (
	"encoding/json"
	"io"
	"time"

	"nsl/lang/diag"
)

// Lines writes JSON lines: docs/report.md describes them, docs/report.schema.json
// is their schema.
type Lines struct {
	out  *json.Encoder
	tool string
	now  func() time.Time
}

// NewLines writes to out; tool is the program and its version.
func NewLines(out io.Writer, tool string) *Lines {
	e := json.NewEncoder(diag.NewJSONWriter(out))
	e.SetEscapeHTML(false)
	return &Lines{out: e, tool: tool, now: time.Now}
}

// Begin heads the report.
func (l *Lines) Begin(files int) error {
	return l.out.Encode(Event{Type: TypeRun, Version: Version, Tool: l.tool, Files: files, Time: l.now().UTC().Format(time.RFC3339)})
}

// File writes the events of a file, between a file and a file-end.
func (l *Lines) File(f File) error {
	if err := l.FileBegin(f.Name); err != nil {
		return err
	}
	for _, e := range f.Events {
		if err := l.Event(f.Name, e); err != nil {
			return err
		}
	}
	return l.FileEnd(f)
}

// FileBegin heads the events of a file that are written while it runs, with Event.
func (l *Lines) FileBegin(name string) error { return l.out.Encode(Event{Type: TypeFile, File: name}) }

// Event writes what happened in a file.
func (l *Lines) Event(file string, e Event) error {
	e.File = file
	if e.Finding != nil && e.Finding.Colored != "" {
		plain := *e.Finding
		plain.Colored = ""
		e.Finding = &plain
	}
	return l.out.Encode(e)
}

// FileEnd writes how a file ended; its events were written before.
func (l *Lines) FileEnd(f File) error {
	return l.out.Encode(Event{Type: TypeFileEnd, File: f.Name, Status: f.Status, Reason: f.Reason, Seconds: f.Seconds,
		Attempts: f.Attempts, Held: f.Held, Failed: f.Failed})
}

// End writes the summary.
func (l *Lines) End(s Summary) error {
	return l.out.Encode(Event{Type: TypeSummary, Files: s.Files, Statuses: s.Statuses, Held: s.Held, Failed: s.Failed,
		Seconds: s.Seconds, Exit: &s.Exit})
}
