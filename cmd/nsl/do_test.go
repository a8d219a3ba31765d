package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/report"
)

// doJSON runs statements in a lab, and returns the report's events and the exit code.
func doJSON(t *testing.T, statements string) (events []report.Event, code int) {
	t.Helper()
	cmd := nslCommand("X=", "do", "lab", "--format", "json")
	cmd.Stdin = strings.NewReader(statements)
	out, _ := cmd.Output()
	lines := json.NewDecoder(bytes.NewReader(out))
	lines.DisallowUnknownFields()
	for {
		var e report.Event
		if err := lines.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		events = append(events, e)
	}
	takenBySchema(t, out)
	return events, cmd.ProcessState.ExitCode()
}

// takenBySchema holds JSON lines against the schema of the documentation.
func takenBySchema(t *testing.T, lines []byte) {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", "-W", "ignore", "-c", `
import json, jsonschema, sys
schema = json.load(open("../../docs/report.schema.json"))
for line in sys.stdin:
    jsonschema.Draft7Validator(schema).validate(json.loads(line))
`)
	cmd.Stdin = bytes.NewReader(lines)
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
	case strings.Contains(string(out), "No module named 'jsonschema'"), os.IsNotExist(err):
		labtest.Lacks(t, "readers", "jsonschema of python3")
	default:
		t.Errorf("%v: %s\n%s", err, out, lines)
	}
}

// What each statement made, printed and found is in the report of nsl do, in order.
func TestDoReports(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	events, code := doJSON(t, `ns green
link green <-> red 10.1.0.0/24
rename red:veth-red-2 -> e1
print hello
test "away" { down green:veth-green; expect link green:veth-green down }
expect ping red -> green
expect tcp red -> green:80
delete green:veth-green
ns green
`)
	var got []string
	for _, e := range events {
		got = append(got, strings.TrimSpace(string(e.Type)+" "+e.Text))
	}
	want := []string{"run", "file", "statement ns green", "statement link green <-> red 10.1.0.0/24",
		"statement rename red:veth-red-2 -> e1", "output hello", "test", "statement down green:veth-green", "expect expect link green:veth-green down", "test-end",
		"expect expect ping red -> green", "expect expect tcp red -> green:80", "statement delete green:veth-green", "finding", "file-end", "summary"}
	if !slices.Equal(got, want) || code != 2 {
		t.Fatalf("exit code %d; the events are\n%s\nwant\n%s", code, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if made := events[3].Made; len(made.Links) != 2 || made.Links[1].Link != "veth-red-2" || len(made.Addresses) != 2 ||
		made.Addresses[0].Address != "10.1.0.1/24" || !strings.HasPrefix(made.Commands[0], "ip link add ") {
		t.Errorf("link made %+v", made)
	}
	if made := events[4].Made; len(made.Moved) != 1 || made.Moved[0].To.Link != "e1" {
		t.Errorf("rename made %+v", made)
	}
	if made := events[12].Made; len(made.Gone) == 0 || made.Gone[0].Link != "veth-green" {
		t.Errorf("delete made %+v", made)
	}
	if f := events[13].Finding; f.Code != "NSL042" || f.Line != 9 || f.At != "-" {
		t.Errorf("the finding is %+v", f)
	}
	if e := events[15]; *e.Exit != 2 || e.Held != 2 || e.Failed != 1 {
		t.Errorf("the summary is %+v", e)
	}
}

// What is wrong in any lab is reported in the same way, and nothing is run.
func TestDoReportsWhatIsWrong(t *testing.T) {
	script := labHome(t)
	up(t, "X=", script, "lab")
	events, code := doJSON(t, "ns green\nnss x\nprint $y\n")
	var codes []string
	for _, e := range events {
		if e.Finding != nil {
			codes = append(codes, e.Finding.Code)
		}
	}
	if want := []string{"NSL006", "NSL010"}; !slices.Equal(codes, want) || code != 2 {
		t.Errorf("exit code %d, findings %v, want %v", code, codes, want)
	}
	if events, code = doJSON(t, "let unused = 1\nexpect ns red\n"); code != 0 || events[2].Finding == nil || events[2].Finding.Code != "NSL015" {
		t.Errorf("exit code %d, %+v", code, events)
	}
}
