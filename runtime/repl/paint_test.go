package repl

import (
	"regexp"
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// conversation is a prompt on an empty lab in memory.
func conversation(t testing.TB) *prompt {
	t.Helper()
	s := engine.NewSession(labtest.NewWorld(), stdlib.Table(), nil, verb.Streams{})
	return newPrompt(Options{Session: s, Set: &source.Set{}, Color: true})
}

// names are the styles in words, so that a test can be read.
var names = strings.NewReplacer(styleVerb, "[verb]", styleProbe, "[probe]", styleString, "[text]", styleVar, "[var]",
	styleSign, "[sign]", styleWrong, "[wrong]", styleDim, "[dim]", styleNone, "[]", saveCursor, "", backCursor, "")

func TestPaint(t *testing.T) {
	p := conversation(t)
	for line, want := range map[string]string{
		"":                             "",
		"lin":                          "lin",
		"lnk":                          "[wrong]lnk[]",
		"ns red; link red <-> $x":      "[verb]ns[] red; [verb]link[] red [sign]<->[] [var]$x[]",
		"expect not ping a -> b":       "[verb]expect[] not [probe]ping[] a [sign]->[] b",
		"expect nonsense":              "[verb]expect[] nonsense",
		`print "a b" # why`:            `[verb]print[] [text]"a b"[] [dim]# why[]`,
		"if $n > 1 { ns a }":           "[verb]if[] [var]$n[] > 1 { [verb]ns[] a }",
		"undo 3":                       "[verb]undo[] 3",
		"!ls | grep x":                 "!ls | grep x",
		`print "open`:                  `[verb]print[] [wrong]"open[]`,
		"한글 zürich":                    "[wrong]한글[] zürich",
		"defer up red; bridge b <a c>": "[verb]defer[] [verb]up[] red; [verb]bridge[] b [sign]<[]a c[sign]>[]",
	} {
		painted := p.paint("", line, -1, 80)
		if got := names.Replace(painted); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
		if width(painted) != width(line) {
			t.Errorf("%q takes %d columns, painted %d", line, width(line), width(painted))
		}
	}
	if got, want := names.Replace(p.paint("def f() {\n", "ns a }", -1, 80)), "[verb]ns[] a }"; got != want {
		t.Errorf("in a block: %q, want %q", got, want)
	}
	p.Color = false
	if got := p.paint("", "ns red", 6, 80); got != "ns red" {
		t.Errorf("without colours: %q", got)
	}
}

// The hint comes after the cursor, on the same line, and only at the end.
func TestHintOnScreen(t *testing.T) {
	p := conversation(t)
	for _, test := range []struct {
		line      string
		pos, room int
		want      string
	}{
		{"link ", 5, 80, "[verb]link[] [dim]A <-> B [SUBNET|auto] [mtu N] [mac M [M]] [noaddr][]"},
		{"link", 4, 20, "[verb]link[][dim] A <-> B [SUBN…[]"},
		{"link ", 3, 80, "[verb]link[] "},
		{"link ", 5, 7, "[verb]link[] "},
		{"   ", 3, 80, "   "},
	} {
		painted := p.paint("", test.line, test.pos, test.room)
		if got := names.Replace(painted); got != test.want {
			t.Errorf("%q at %d: %q, want %q", test.line, test.pos, got, test.want)
		}
		if hinted := strings.Contains(test.want, "dim"); hinted && !regexp.MustCompile(`\x1b7.*\x1b8$`).MatchString(painted) {
			t.Errorf("%q moves the cursor: %q", test.line, painted)
		}
		if w := width(names.Replace(painted)) - strings.Count(test.want, "[verb][]")*8; w > test.room+len("[verb][][dim][]") {
			t.Errorf("%q takes %d columns of %d", test.line, w, test.room)
		}
	}
}

func TestTab(t *testing.T) {
	p := conversation(t)
	for text, want := range map[string][2]string{
		"rul":                   {"e ", ""},
		"explain o":             {"", "off  on\n"},
		"zz":                    {"", ""},
		"!no-such-program-here": {"", ""},
	} {
		insert, show := p.complete("", text, len(text), 80)
		if insert != want[0] || show != want[1] {
			t.Errorf("%q: inserts %q, shows %q; want %q", text, insert, show, want)
		}
	}
	if insert, _ := p.complete("bridge v <\n", "ho x", 2, 80); insert != "st" {
		t.Errorf("inside a line: inserts %q", insert)
	}
}

func TestColumns(t *testing.T) {
	var list []string
	for range 100 {
		list = append(list, "veth-student")
	}
	text := inColumns(list, 80)
	if strings.Count(text, "\n") != 8 || !strings.HasSuffix(text, "  … and 61 others\n") {
		t.Errorf("%s", text)
	}
	if text := inColumns([]string{strings.Repeat("x", 200), "y"}, 80); strings.Count(text, "\n") != 2 {
		t.Errorf("wider than the screen: %q", text)
	}
}
