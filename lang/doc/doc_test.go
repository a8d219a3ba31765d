package doc_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/doc"
	"nsl/lang/verb"
	"nsl/stdlib"
)

func TestHelpFitsATerminalAndIsPlain(t *testing.T) {
	table := stdlib.Table()
	topics := [][]string{nil, {doc.All}}
	for _, v := range table.Verbs() {
		topics = append(topics, []string{v.Name})
	}
	for _, p := range table.Probes() {
		topics = append(topics, []string{"expect", p.Name}, []string{"require", "not", p.Name})
	}
	for _, words := range topics {
		text, err := doc.Help(table, words)
		if err != nil {
			t.Errorf("help %v: %v", words, err)
		}
		code := false
		for line := range strings.Lines(text) {
			code = code || line == "Examples\n"
			if strings.Contains(line, "`") {
				t.Errorf("help %v: a Markdown mark: %s", words, line)
			}
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 && !code {
				t.Errorf("help %v: %d columns: %s", words, n, line)
			}
			if strings.TrimRight(line, " \n") != strings.TrimRight(line, "\n") {
				t.Errorf("help %v: a blank at the end of %q", words, line)
			}
		}
	}
}

func TestHelpSaysAllThatTheTableSays(t *testing.T) {
	table := stdlib.Table()
	all, err := doc.Help(table, []string{doc.All})
	if err != nil {
		t.Fatal(err)
	}
	short, err := doc.Help(table, nil)
	if err != nil {
		t.Fatal(err)
	}
	page := doc.Page(table)
	for _, v := range append(table.Verbs(), table.Probes()...) {
		if !strings.Contains(all, "    "+v.Name+" ") {
			t.Errorf("help all does not list %s", v.Name)
		}
		if !slices.Contains(strings.Fields(short), v.Name) {
			t.Errorf("help does not list %s", v.Name)
		}
		for _, want := range append([]string{strings.TrimSpace(v.Doc)}, v.Usage...) {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say of %s: %s", v.Name, want)
			}
		}
		for _, e := range v.Examples {
			if !strings.Contains(page, e.Code+"```") {
				t.Errorf("the page lacks an example of %s:\n%s", v.Name, e.Code)
			}
		}
	}
}

func TestHelpKnowsNearMisses(t *testing.T) {
	table := stdlib.Table()
	for line, want := range map[string]doc.Unknown{
		"brigde":         {Word: "brigde", Near: "bridge"},
		"expect pign":    {Word: "pign", Near: "ping"},
		"expect not pin": {Word: "pin", Near: "ping"},
		"zzzzzzzz":       {Word: "zzzzzzzz"},
		"ns red":         {Word: "ns red"},
	} {
		_, err := doc.Help(table, strings.Fields(line))
		var u *doc.Unknown
		if !errors.As(err, &u) || *u != want {
			t.Errorf("help %s: %v, want %+v", line, err, want)
		}
	}
}

type wordsOnly struct {
	Word string `parser:"'demo' ('loudly')? @Word"`
}

func TestHelpRendersMarkdownPlain(t *testing.T) {
	table := verb.NewTable([]*verb.Verb{verb.Define[wordsOnly](verb.Spec{
		Name: "demo", Group: "Anything", Summary: "show `how`", Usage: []string{"demo WORD"},
		Doc: "A **paragraph** that is `longer` than one line of a terminal has columns, so that it is\nfilled anew.\n\n" +
			"1. first\n   of two\n2. second\n\n```\ncode   stays\n\n  as it is\n```\n",
		Examples: []verb.Example{{Note: "A `note`.", Code: "demo it\n"}},
	})}, nil)
	got, err := doc.Help(table, []string{"demo"})
	if err != nil {
		t.Fatal(err)
	}
	want := `demo: show how

Usage
    demo WORD

A paragraph that is longer than one line of a terminal has columns, so that it
is filled anew.

1. first of two
2. second

    code   stays

      as it is

Options: loudly

Examples
    # A note.
    demo it
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if all, _ := doc.Help(table, []string{doc.All}); !strings.Contains(all, "demo  show how") {
		t.Errorf("an unknown group is left out:\n%s", all)
	}
}
