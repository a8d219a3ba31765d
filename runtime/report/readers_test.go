package report

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

// reader is a program that reads a report; a test skips without it, unless
// NSL_REQUIRE names it.
func reader(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	labtest.Lacks(t, "readers", names[0]+" is not installed: make deps")
	return ""
}

// ask runs a program on a text in a file, whose name replaces @ in its arguments.
func ask(t *testing.T, text, program string, args ...string) (output string, ok bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "@", file)
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	return string(out), err == nil
}

// Perl's prove knows version 14 since Test::Harness 3.48; an older one reads it as
// version 13, as the specification of 14 means it to be read.
func TestProveReadsTAP(t *testing.T) {
	prove := reader(t, "prove")
	text, _ := write(t, "tap")
	if out, _ := ask(t, "TAP version 14\n1..1\nok 1\n", prove, "-e", "cat", "@"); strings.Contains(out, "later than 13") {
		text = strings.Replace(text, "version 14", "version 13", 1)
	}
	whole := strings.TrimSuffix(text, "Bail out! interrupted\n")
	out, ok := ask(t, whole, prove, "-e", "cat", "@")
	if ok || !strings.Contains(out, "Failed tests:  2-3") || !strings.Contains(out, "Tests: 5 Failed: 2") || strings.Contains(out, "Parse errors") {
		t.Errorf("prove reads:\n%s\nof\n%s", out, whole)
	}
	if out, ok := ask(t, text, prove, "-e", "cat", "@"); ok || !strings.Contains(out, "Bailout called.  Further testing stopped:  interrupted") {
		t.Errorf("an interrupted run: %s", out)
	}
	good := "TAP version 13\n1..1\n# Subtest: a\n    ok 1 - b\n    1..1\nok 1 - a\n"
	if out, ok := ask(t, good, prove, "-e", "cat", "@"); !ok {
		t.Errorf("prove takes nothing: %s", out)
	}
}

func TestTheSchemaTakesJUnit(t *testing.T) {
	xmllint := reader(t, "xmllint")
	text, _ := write(t, "junit")
	lint := func(text string) (string, bool) {
		return ask(t, text, xmllint, "--noout", "--schema", "testdata/junit.xsd", "@")
	}
	if out, ok := lint(text); !ok {
		t.Errorf("%s\n%s", out, text)
	}
	for _, spoiled := range [][2]string{
		{"<testcase name=", "<testcase nam="}, {`tests="`, `tests="x`}, {"<skipped ", "<left-out "}, {`ns h$i #2`, `ns h$i`},
	} {
		if _, ok := lint(strings.Replace(text, spoiled[0], spoiled[1], 1)); ok {
			t.Errorf("the schema takes %s for %s", spoiled[1], spoiled[0])
		}
	}
}

// junitparser is the library that many tools use; it counts anew.
func TestAParserReadsJUnit(t *testing.T) {
	python := reader(t, "/usr/bin/python3")
	if _, ok := ask(t, "", python, "-c", "import junitparser"); !ok {
		reader(t, "junitparser of python3")
	}
	text, _ := write(t, "junit")
	out, ok := ask(t, text, python, "-c", `
import junitparser
for suite in junitparser.JUnitXml.fromfile("@"):
    for case in suite:
        print(case.classname, "|", case.name, "|", [(type(r).__name__, r.message) for r in case.result])
`)
	want := `labs/a.nsl | expect ns h$i | []
labs/a.nsl | expect ns h$i #2 | []
labs/b.nsl | no cable: #1 | [('Failure', 'red -> blue: no reply from 10.0.0.2, 100% lost')]
labs/b.nsl | needs netem | [('Skipped', 'the kernel lacks netem')]
labs/b.nsl | of nothing | []
labs/b.nsl | expect ns h$i | []
labs/c.nsl | cut | [('Error', 'interrupted')]
labs/d.nsl | labs/d.nsl | [('Skipped', 'the kernel lacks netem')]
labs/e.nsl | labs/e.nsl | [('Skipped', 'the run had ended before')]
`
	if !ok || out != want {
		t.Errorf("it reads:\n%s\nwant:\n%s", out, want)
	}
}

func TestTheSchemaTakesLines(t *testing.T) {
	python := reader(t, "/usr/bin/python3")
	if _, ok := ask(t, "", python, "-c", "import jsonschema"); !ok {
		reader(t, "jsonschema of python3")
	}
	text, _ := write(t, "json")
	validate := func(text string) (string, bool) {
		return ask(t, text, python, "-W", "ignore", "-c", `
import json, jsonschema
schema = json.load(open("../../docs/report.schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
for line in open("@"):
    jsonschema.Draft7Validator(schema).validate(json.loads(line))
`)
	}
	if out, ok := validate(text); !ok {
		t.Errorf("%s\n%s", out, text)
	}
	for _, spoiled := range [][2]string{
		{`"type":"expect"`, `"type":"expected"`}, {`"found":`, `"fund":`}, {`"status":"passed"`, `"status":"fine"`},
		{`"version":1`, `"version":2`}, {`"wanted":"it holds",`, ``}, {`"exit":130`, `"exit":4`},
		{`"gone":[{"node"`, `"gone":[{"link"`}, {`"end_line":1`, `"end_line":"1"`}, {`"moved":[{"from"`, `"moved":[{"form"`},
	} {
		if !strings.Contains(text, spoiled[0]) {
			t.Fatalf("there is no %s", spoiled[0])
		}
		if _, ok := validate(strings.Replace(text, spoiled[0], spoiled[1], 1)); ok {
			t.Errorf("the schema takes %s for %s", spoiled[1], spoiled[0])
		}
	}
}

func TestJqReadsLines(t *testing.T) {
	jq := reader(t, "jq")
	text, _ := write(t, "json")
	out, ok := ask(t, text, jq, "-r", `select(.type == "expect" and .status == "failed") | "\(.at):\(.line): \(.found), \(.answers[0].from)"`, "@")
	if want := "labs/b.nsl:4: red -> blue: no reply from 10.0.0.2, red\n"; !ok || out != want {
		t.Errorf("jq: %q, want %q", out, want)
	}
}
