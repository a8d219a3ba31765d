package report

import (
	"fmt"
	"io"
	"strings"
)

// GitHub writes workflow commands that make annotations
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions),
// and Markdown for the summary of the step.
type GitHub struct {
	out, summary io.Writer
	path         func(string) string
	failed       []File
	err          error
}

// NewGitHub writes annotations to out, and a summary to summary unless that is
// nil. Path is the name of a file in the repository.
func NewGitHub(out, summary io.Writer, path func(string) string) *GitHub {
	return &GitHub{out: out, summary: summary, path: path}
}

// Begin says nothing.
func (*GitHub) Begin(int) error { return nil }

// File writes an annotation for each failure and finding.
func (g *GitHub) File(f File) error {
	f = f.plain()
	for _, n := range tree(f.Events) {
		g.node(f, n)
	}
	if f.Status == Skipped {
		g.annotate("notice", Place{At: f.Name}, "skipped", f.Reason)
	}
	if f.Status == Failed || f.Status == Error || f.Status == Interrupted {
		g.failed = append(g.failed, f)
	}
	return g.err
}

func (g *GitHub) node(f File, n *node) {
	if n.warning() {
		g.annotate("warning", n.place(f.Name), orElse(n.Finding.Code, "warning"), n.Finding.Summary+"\n"+n.Finding.Help)
		return
	}
	if n.Type == TypeTest && n.status() == Skipped {
		g.annotate("notice", n.place(f.Name), "skipped: "+n.name(), n.end.Reason)
	}
	for _, b := range n.bad() {
		title := b.name()
		if b.Type == TypeFinding {
			title = orElse(b.Finding.Code, "error")
		}
		g.annotate("error", b.place(f.Name), title, b.Finding.Summary+"\n"+b.Finding.Help)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (g *GitHub) annotate(level string, at Place, title, message string) {
	properties := []string{"file=" + escapeProperty(g.path(at.At))}
	if at.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d", at.Line), fmt.Sprintf("col=%d", at.Column))
	}
	properties = append(properties, "title="+escapeProperty(title))
	g.printf(g.out, "::%s %s::%s\n", level, strings.Join(properties, ","), escapeMessage(strings.TrimSpace(message)))
}

// escapeMessage and escapeProperty are those of actions/toolkit's command.ts.
func escapeMessage(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// End writes the summary of the step.
func (g *GitHub) End(s Summary) error {
	if g.summary == nil {
		return g.err
	}
	g.printf(g.summary, "### nsl test\n\n%s: %s; %s in %.1f s.\n", plural(s.Files, "file"), s.counts(), held(s), s.Seconds)
	for _, f := range g.failed {
		text := f.Reason + "\n"
		for _, e := range f.Events {
			if e.Finding != nil && e.Finding.Severity != severityWarning {
				text += e.Finding.Text + Matrix(e.Answers, e.Not, false)
			}
		}
		g.printf(g.summary, "\n<details><summary><code>%s</code>: %s</summary>\n\n%s\n</details>\n", escapeHTML(f.Name), f.Status, fenced(strings.TrimPrefix(text, "\n")))
	}
	return g.err
}

// fenced is a code block, whatever fences its text has.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func (g *GitHub) printf(w io.Writer, format string, args ...any) {
	if g.err == nil {
		_, g.err = fmt.Fprintf(w, format, args...)
	}
}
