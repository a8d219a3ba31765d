package engine_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// TestPrefixes holds that every beginning of every script is right, or could
// become right by going on: a prompt never tells a learner off who is typing.
func TestPrefixes(t *testing.T) {
	table := stdlib.Table()
	for name, text := range corpus(t) {
		if strings.Contains(name, "/std/") {
			continue // its functions call some that are defined after them
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && strings.HasPrefix(name, "example") {
				t.Skip("only the labs, the library and the scripts of the tests")
			}
			wrong := 0
			for i := range text {
				if !utf8.RuneStart(text[i]) || !labtest.IsNightly() && (insideOfWord(text, i) || !sampled(name, i)) {
					continue
				}
				r := newTrial(table, text[:i])
				if list := r.check(); list.HasErrors() && !syntax.Incomplete(r.tree, list) {
					wrong++
					t.Errorf("%q is wrong for good: %s", lastLine(text[:i]), told(r, list))
				}
				if wrong > 3 {
					t.FailNow()
				}
			}
		})
	}
}

// insideOfWord reports whether the beginning of text ends where a word has two letters
// more, before and after: the beginnings around it are hardly different.
func insideOfWord(text string, i int) bool {
	if i < 2 || i+2 > len(text) {
		return false
	}
	return !strings.ContainsFunc(text[i-2:i+2], func(r rune) bool { return !unicode.IsLetter(r) })
}

// sampled takes one beginning in three, others in each script.
func sampled(name string, i int) bool { return (len(name)+i)%3 == 0 }

func told(r *trial, list diag.List) string {
	var b strings.Builder
	_ = diag.Text{Set: r.set}.Write(&b, list)
	return b.String()
}

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// TestMistakesAreNotIncomplete holds the other side: what no more text can fix.
func TestMistakesAreNotIncomplete(t *testing.T) {
	table := stdlib.Table()
	for text, want := range map[string]bool{
		"":                                      false,
		"ns red\n":                              false,
		"ns red":                                false,
		"nss red":                               false,
		"ns":                                    true,
		"ns ":                                   true,
		"ns\n":                                  false,
		"ns red\nlink red <-> bl":               true,
		"ns red\nlink red <-> bl\n":             false,
		"ns red\nlink red <-> bl # no":          false,
		"ns red\nlink rod <-> red":              false,
		"bridge b <red":                         true,
		"print \"a":                             true,
		"print \"a\nns red":                     false,
		"ns red \\\n":                           true,
		"if 1 > 0 {\n  nss red\n":               true,
		"let x":                                 true,
		"def f(a, b) { ns $a $b }\nf x":         true,
		"def f(a, b) { ns $a $b }\nf x\n":       false,
		"def f(n) { link a <-> $n }\nns a\nf b": true,
		"def f(n) { link a <-> $n }\nns a\nf b\n": false,
	} {
		r := newTrial(table, text)
		if got := syntax.Incomplete(r.tree, r.check()); got != want {
			t.Errorf("%q: %v, want %v: %v", text, got, want, r.check())
		}
	}
}
