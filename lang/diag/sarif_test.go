package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// schema is JSON Schema, draft 4, as far as the official schema of SARIF uses it.
// A word of the schema that it does not know fails the test.
type schema struct {
	t    *testing.T
	root map[string]any
}

func sarifSchemaFile(t *testing.T) schema {
	t.Helper()
	b, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	s := schema{t: t}
	if err := json.Unmarshal(b, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// check returns what is wrong with a value, by its path.
func (s schema) check(path string, rule map[string]any, v any) []string {
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	for word, want := range rule {
		switch word {
		case "description", "title", "id", "$schema", "default", "definitions", "additionalProperties":
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/definitions/")
			wrong = append(wrong, s.check(path, s.root["definitions"].(map[string]any)[name].(map[string]any), v)...)
		case "type":
			if !isOneOf(want, v) {
				fail("%v is no %v", v, want)
			}
		case "enum":
			if !slices.Contains(want.([]any), v) {
				fail("%v is none of %v", v, want)
			}
		case "minimum", "maximum":
			if n, ok := v.(float64); ok && (word == "minimum" && n < want.(float64) || word == "maximum" && n > want.(float64)) {
				fail("%v is beyond the %s %v", n, word, want)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(want.(string)).MatchString(text) {
				fail("%q does not match %s", text, want)
			}
		case "format":
			if text, ok := v.(string); ok && want == "uri" && !regexp.MustCompile(`^[a-z]+:`).MatchString(text) {
				fail("%q is no absolute URI", text)
			}
		case "anyOf", "oneOf":
			if n := s.matching(path, want.([]any), v); n == 0 || word == "oneOf" && n > 1 {
				fail("%d of %s hold", n, word)
			}
		case "required", "properties":
			wrong = append(wrong, s.object(path, rule, v)...)
		case "items", "minItems", "uniqueItems":
			wrong = append(wrong, s.array(path, rule, v)...)
		default:
			s.t.Fatalf("the schema says %s, which this test does not know", word)
		}
	}
	return wrong
}

func isOneOf(want, v any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(w any) bool { return isOneOf(w, v) })
	}
	kind := ""
	switch n := v.(type) {
	case nil:
		kind = "null"
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case []any:
		kind = "array"
	case map[string]any:
		kind = "object"
	case float64:
		if kind = "number"; want == "integer" && n == float64(int64(n)) {
			kind = "integer"
		}
	}
	return want == kind
}

func (s schema) matching(path string, rules []any, v any) int {
	n := 0
	for _, r := range rules {
		if len(s.check(path, r.(map[string]any), v)) == 0 {
			n++
		}
	}
	return n
}

func (s schema) object(path string, rule map[string]any, v any) []string {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	var wrong []string
	if list, ok := rule["required"].([]any); ok {
		for _, name := range list {
			if _, ok := o[name.(string)]; !ok {
				wrong = append(wrong, path+": there is no "+name.(string))
			}
		}
	}
	known, _ := rule["properties"].(map[string]any)
	for name, value := range o {
		switch r, ok := known[name].(map[string]any); {
		case ok:
			wrong = append(wrong, s.check(path+"."+name, r, value)...)
		case rule["additionalProperties"] == false:
			wrong = append(wrong, path+": there is no property "+name)
		}
	}
	return wrong
}

func (s schema) array(path string, rule map[string]any, v any) []string {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	var wrong []string
	if least, ok := rule["minItems"].(float64); ok && float64(len(list)) < least {
		wrong = append(wrong, path+": too few items")
	}
	seen := map[string]bool{}
	for i, item := range list {
		if r, ok := rule["items"].(map[string]any); ok {
			wrong = append(wrong, s.check(fmt.Sprintf("%s[%d]", path, i), r, item)...)
		}
		text := fmt.Sprint(item)
		if rule["uniqueItems"] == true && seen[text] {
			wrong = append(wrong, fmt.Sprintf("%s[%d]: is there twice", path, i))
		}
		seen[text] = true
	}
	return wrong
}

// TestSARIFSchema holds the log to the official schema, and the test to finding
// what is wrong.
func TestSARIFSchema(t *testing.T) {
	s := sarifSchemaFile(t)
	set, list := findings()
	var b bytes.Buffer
	if err := WriteSARIF(&b, set, list, "v1"); err != nil {
		t.Fatal(err)
	}
	validate := func(text string) []string {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return s.check("", s.root, v)
	}
	for _, wrong := range validate(b.String()) {
		t.Error(wrong)
	}
	for _, change := range [][2]string{
		{`"startLine": 2`, `"startLine": 0`},
		{`"startLine": 2`, `"startLine": "2"`},
		{`"level": "error"`, `"level": "failed"`},
		{`"columnKind"`, `"columnsKind"`},
		{`"version": "2.1.0"`, `"version": "2.2"`},
		{`"unicodeCodePoints"`, `"bytes"`},
		{`"driver"`, `"drivers"`},
		{`"deletedRegion"`, `"deleteRegion"`},
		{`"text": "no node bleu`, `"texts": "no node bleu`},
	} {
		broken := strings.Replace(b.String(), change[0], change[1], 1)
		if broken == b.String() || len(validate(broken)) == 0 {
			t.Errorf("nothing is wrong with %s", change[1])
		}
	}
	b.Reset()
	if err := WriteSARIF(&b, set, nil, ""); err != nil || len(validate(b.String())) > 0 || !strings.Contains(b.String(), `"results": []`) {
		t.Errorf("no findings are %v, %s", err, b.String())
	}
}

// TestSARIF holds the parts of a log that the schema does not know.
func TestSARIF(t *testing.T) {
	set, list := findings()
	f := set.Add("a b/ü:1.nsl", "ns red")
	list.Add(New(Unused, Warning, find(f, "red"), "in a file with an odd name").WithHelp("help"))
	var b bytes.Buffer
	if err := WriteSARIF(&b, set, list, "v1"); err != nil {
		t.Fatal(err)
	}
	var rulesAt = strings.Index(b.String(), `"columnKind"`)
	golden(t, "testdata/sarif.golden", b.String()[rulesAt:])
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex *int
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	for _, r := range log.Runs[0].Results {
		if (r.RuleIndex == nil) != (r.RuleID == "") || r.RuleIndex != nil && log.Runs[0].Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %s is not at its index", r.RuleID)
		}
	}
	if err := WriteSARIF(full{}, set, list, ""); err == nil {
		t.Error("a full disk is no error")
	}
}

func TestFileURI(t *testing.T) {
	for name, want := range map[string]string{
		"labs/a.nsl": "labs/a.nsl", "-": "-", "/tmp/a b.nsl": "file:///tmp/a%20b.nsl", "x:y.nsl": "./x:y.nsl",
		"50%.nsl": "50%25.nsl", "std/lan": "std/lan", "q?#.nsl": "q%3F%23.nsl",
	} {
		if got := fileURI(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
