package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"nsl/stdlib"
)

// scopes are those of the TextMate grammar, by the groups of Vim's syntax file.
var scopes = map[string]string{
	"nslComment": "comment.line.number-sign", "nslOperator": "keyword.operator", "nslAddress": "constant.other.address",
	"nslNumber": "constant.numeric", "nslCall": "entity.name.function.call", "nslExpect": "keyword.other.expect",
	"nslControl": "keyword.control", "nslStatement": "keyword.other.statement", "nslNot": "keyword.operator.word",
	"nslProbe": "support.function.probe", "nslOption": "storage.modifier.option", "nslEndpoint": "entity.name.type.node",
}

// scope is what the grammar has to find at a place.
func (p place) scope() string {
	quotes := map[string]string{`"""`: "triple", `"`: "double", `'`: "single"}
	for _, quote := range []string{`"""`, `"`, `'`} {
		if p.groups[0] == "nslString" && strings.HasPrefix(p.text, quote) {
			return "string.quoted." + quotes[quote] + ".nsl"
		}
	}
	return scopes[p.groups[0]] + ".nsl"
}

// documented are the examples of the documentation that are right, by their file and line.
func documented(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("no documentation: %v", err)
	}
	list := map[string]string{}
	fence := regexp.MustCompile("(?ms)^```nsl(?: run)?\n(.*?)^```$")
	for _, name := range append(names, "../../README.md") {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllSubmatchIndex(page, -1) {
			line := strings.Count(string(page[:m[2]]), "\n")
			list[fmt.Sprintf("%s.%d", filepath.Base(name), line)] = string(page[m[2]:m[3]])
		}
	}
	return list
}

// asserted is a text as vscode-tmgrammar-test reads it: the scopes of the words of each line
// are in the lines after it.
func asserted(text string, places []place) string {
	after, lines := map[int][]string{}, strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, p := range places {
		column := len(utf16.Encode([]rune(lines[p.line-1][:p.column-1])))
		length := len([]rune(strings.SplitN(p.text, "\n", 2)[0]))
		if p.groups[0] == "nslString" {
			length = 1 // what is in it may have scopes of its own
		}
		mark := strings.Repeat(" ", max(column-1, 0)) + strings.Repeat("^", length)
		if column == 0 {
			mark = "<" + strings.Repeat("-", length)
		}
		after[p.line] = append(after[p.line], "#"+mark+" "+p.scope())
	}
	var b strings.Builder
	b.WriteString("# SYNTAX TEST \"source.nsl\"\n")
	for i, line := range lines {
		b.WriteString(line + "\n")
		for _, a := range after[i+1] {
			b.WriteString(a + "\n")
		}
	}
	return b.String()
}

func TestAsserted(t *testing.T) {
	const text = "ns \"é\" a # x\nif true { up 10 }\n"
	got := asserted(text, placesOf(stdlib.Table(), "a", text))
	const want = `# SYNTAX TEST "source.nsl"
ns "é" a # x
#  ^ string.quoted.double.nsl
#        ^^^ comment.line.number-sign.nsl
#<-- keyword.other.statement.nsl
if true { up 10 }
#            ^^ constant.numeric.nsl
#<-- keyword.control.nsl
#         ^^ keyword.other.statement.nsl
`
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestTextMate: each statement of each lab and each example has the colours of the rules, in the
// engine of VS Code. NSL_TMGRAMMAR is the program of the npm package vscode-tmgrammar-test.
func TestTextMate(t *testing.T) {
	program := os.Getenv("NSL_TMGRAMMAR")
	if program == "" {
		t.Skip("no NSL_TMGRAMMAR: scripts/check-vscode.sh has it")
	}
	dir, table := t.TempDir(), stdlib.Table()
	write := func(name, text string) int {
		list := placesOf(table, name, text)
		if err := os.WriteFile(filepath.Join(dir, name+".test.nsl"), []byte(asserted(text, list)), 0o600); err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	n := 0
	for name, text := range documented(t) {
		n += write(name, text)
	}
	for _, name := range labs(t) {
		n += write(filepath.Base(name), readLab(t, name))
	}
	if n < 5000 {
		t.Errorf("only %d places", n)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	run := exec.CommandContext(ctx, program, "--compact", "--grammar", "../editors/vscode/syntaxes/nsl.tmLanguage.json", filepath.Join(dir, "*.test.nsl"))
	if said, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	t.Logf("%d places", n)
}

func readLab(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
