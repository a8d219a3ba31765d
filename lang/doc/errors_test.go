package doc_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/doc"
	"nsl/stdlib"
)

// findingFence begins a script that reports the code which it explains.
const findingFence = "```nsl finding\n"

func TestExamplesOfErrorsReportThem(t *testing.T) {
	t.Parallel()
	program.NeedLabs(t)
	examples := 0
	for _, r := range diag.Rules() {
		_, rest, found := strings.Cut(r.Text, findingFence)
		if !found {
			continue
		}
		examples++
		script, _, _ := strings.Cut(rest, "```")
		t.Run(string(r.Code), func(t *testing.T) {
			t.Parallel()
			checked, _ := nsl(t, script, "check")
			if strings.Contains(checked, "["+string(r.Code)+"]") {
				return
			}
			if ran, _ := nsl(t, script, "run"); !strings.Contains(ran, "["+string(r.Code)+"]") {
				t.Errorf("the example of codes/%s.md does not report %s, but:\n%s%s", r.Code, r.Code, checked, ran)
			}
		})
	}
	if examples < 75 {
		t.Errorf("only %d examples", examples)
	}
}

func TestHelpExplainsEveryCode(t *testing.T) {
	page := doc.ErrorsPage()
	for _, r := range diag.Rules() {
		text, err := doc.Help(stdlib.Table(), []string{strings.ToLower(string(r.Code))})
		if err != nil || !strings.HasPrefix(text, string(r.Code)+": "+strings.ReplaceAll(r.Title, "`", "")) {
			t.Errorf("help %s is %q, %v", r.Code, text, err)
		}
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(line) > 81 || strings.ContainsAny(line, "`") || strings.Contains(line, "**") {
				t.Errorf("help %s: %q", r.Code, line)
			}
		}
		if !strings.Contains(page, `<a id="`+strings.ToLower(string(r.Code))+`"></a>`+"\n\n### "+string(r.Code)+": "+r.Title+"\n\n"+r.Text) {
			t.Errorf("the page does not explain %s", r.Code)
		}
	}
}
