package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"nsl/lang/diag"
)

// TAP writes version 14 of the Test Anything Protocol (testanything.org): a test
// point for each file, with its expectations and tests as subtests.
type TAP struct {
	out   io.Writer
	files int
	err   error
}

// NewTAP writes to out.
func NewTAP(out io.Writer) *TAP { return &TAP{out: out} }

// Begin writes the version and the plan.
func (t *TAP) Begin(files int) error {
	t.line(0, "TAP version 14")
	t.line(0, "1..%d", files)
	return t.err
}

// File writes a test point and its subtest.
func (t *TAP) File(f File) error {
	f = f.plain()
	t.files++
	if f.Status == Skipped || f.Status == NotRun {
		t.point(0, t.files, true, f.Name, skipWord(f.Status, f.Reason))
		return t.err
	}
	t.subtest(0, f.Name, f.Name, tree(f.Events))
	t.comments(1, f.output())
	t.point(0, t.files, f.Status == Passed, f.Name, "")
	if f.Status != Passed {
		t.yaml(0, []field{{"message", f.Reason}, {"file", f.Name}, {"seconds", f.Seconds}})
	}
	return t.err
}

// End says when the run was cut short.
func (t *TAP) End(s Summary) error {
	if s.Statuses[Interrupted] > 0 {
		t.line(0, "Bail out! interrupted")
	}
	return t.err
}

// subtest writes what is in a file or a test; the test point comes after it.
func (t *TAP) subtest(depth int, name, file string, kids []*node) {
	t.line(depth, "# Subtest: %s", escapeTAP(name))
	number := 0
	for _, k := range kids {
		if k.warning() {
			t.comments(depth+1, k.Finding.Text)
			continue
		}
		number++
		t.node(depth+1, number, file, k)
	}
	t.line(depth+1, "1..%d", number)
}

func (t *TAP) node(depth, number int, file string, n *node) {
	status := n.status()
	if status == Skipped {
		t.point(depth, number, true, n.name(), skipWord(status, n.end.Reason))
		return
	}
	if n.Type == TypeTest {
		t.subtest(depth, n.name(), file, n.kids)
	}
	t.point(depth, number, status == Passed, n.name(), "")
	if status != Passed && n.Type != TypeTest {
		t.yaml(depth, n.fields(file))
		t.comments(depth, Matrix(n.Answers, n.Not, false))
	}
}

// field is a line of a YAML block.
type field struct {
	name  string
	value any
}

// fields are what a failed test point tells.
func (n *node) fields(file string) []field {
	at := n.place(file)
	list := []field{{"message", n.Finding.Summary}, {"severity", "fail"}, {"code", n.Finding.Code},
		{"file", at.At}}
	if at.Line > 0 {
		list = append(list, field{"line", at.Line}, field{"column", at.Column})
	}
	if n.Type == TypeExpect {
		list = append(list, field{"text", n.Text}, field{"wanted", n.Wanted}, field{"found", n.Found},
			field{"tries", n.Tries}, field{"seconds", n.Seconds})
	} else {
		list[1].value = n.Finding.Severity
	}
	return append(list, field{"help", n.Finding.Help})
}

// yaml writes a diagnostic block. JSON values are YAML 1.2 values.
func (t *TAP) yaml(depth int, fields []field) {
	t.line(depth, "  ---")
	for _, f := range fields {
		var value strings.Builder
		e := json.NewEncoder(&value)
		e.SetEscapeHTML(false)
		if f.value != "" && e.Encode(f.value) == nil {
			t.line(depth, "  %s: %s", f.name, strings.TrimSpace(value.String()))
		}
	}
	t.line(depth, "  ...")
}

func skipWord(s Status, reason string) string {
	if s == NotRun {
		reason = "not run: " + reason
	}
	return " # SKIP " + strings.Join(strings.Fields(reason), " ")
}

func (t *TAP) point(depth, number int, ok bool, name, directive string) {
	word := "ok"
	if !ok {
		word = "not ok"
	}
	t.line(depth, "%s %d - %s%s", word, number, escapeTAP(name), directive)
}

// escapeTAP keeps a # from beginning a directive.
func escapeTAP(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`, "\n", " ", "\r", " ").Replace(s)
}

func (t *TAP) comments(depth int, text string) {
	for line := range strings.Lines(text) {
		t.line(depth, "# %s", strings.TrimRight(line, "\r\n"))
	}
}

func (t *TAP) line(depth int, format string, args ...any) {
	if t.err == nil {
		line := fmt.Sprintf(strings.Repeat("    ", depth)+format+"\n", args...)
		_, t.err = io.WriteString(t.out, diag.Uncommanded(line))
	}
}
