package format

import (
	"testing"

	"nsl/stdlib"
)

// A text of several lines is the same statements on one line.
func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"ns red":  "ns red",
		" ns red": " ns red",
		"def row(a, b) {\n  ns $a $b\n\n  link $a <-> $b # a cable\n}": "def row(a, b) { ns $a $b; link $a <-> $b }",
		"bridge sw <red\n  blue>":                                      "bridge sw <red blue>",
		"link red \\\n  <-> blue":                                      "link red <-> blue",
		"if 1 == 1 {\nns a\n} else {\nns b\n}":                         "if 1 == 1 { ns a } else { ns b }",
		"ns a; ns b":                                                   "ns a; ns b",
		"ns a\nns b\n":                                                 "ns a; ns b",
		"test \"a\" { ns b\n}\nns c":                                   "test \"a\" { ns b }; ns c",
		"let t = \"\"\"\n  one\n  two\"\"\"":                           `let t = "one\ntwo"`,
		"# only this":                                                  "",
		"exec red sh -c 'a; b' x;y":                                    "exec red sh -c 'a; b' x;y",
	} {
		got, ok := OneLine(text, stdlib.Table())
		if !ok || got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"ns <red", "print \"open", "let t = \"\"\"\n$x\n\"\"\""} {
		if got, ok := OneLine(text, stdlib.Table()); ok {
			t.Errorf("%q has a form on one line: %q", text, got)
		}
	}
}
