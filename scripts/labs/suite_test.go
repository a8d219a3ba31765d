package labs

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

// event is what is read here of a line of nsl test --format json.
type event struct {
	Type, File, At, Status, Text, Reason, Found string
	Line, Column                                int
	Not                                         bool
	Test                                        []string
}

// suite runs nsl test in a directory and reads its report.
func suite(t *testing.T, bin, dir string, args ...string) (events []event, code int) {
	t.Helper()
	c := exec.Command(bin, append([]string{"test", "--format", "json"}, args...)...)
	c.Dir = dir
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		t.Fatalf("no report: %s", stderr.String())
	}
	return events, c.ProcessState.ExitCode()
}

func TestLabsHold(t *testing.T) {
	events, code := suite(t, nsl(t), ".", "--retries", "0")
	not := map[string]bool{}
	for _, e := range events {
		not[e.File] = not[e.File] || e.Not && e.Status == "passed" || e.Status == "skipped"
		if what := labtest.Skipped(e.Reason); what != "" && labtest.Required(what) {
			t.Errorf("%s: skipped: %s", e.File, e.Reason)
		}
		if (e.Type == "expect" || e.Type == "file-end") && e.Status != "passed" && e.Status != "skipped" {
			t.Errorf("%s:%d: %s %s: %s %s", e.File, e.Line, e.Status, e.Text, e.Found, e.Reason)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	for name := range labs(t) {
		if !not[name] {
			t.Errorf("%s shows nothing that does not work", name)
		}
	}
}
