package diag

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"nsl/lang/source"
)

// hostile has one of each kind that a terminal acts on.
const hostile = "a\x1b]0;title\x07b\u009b31mc\u202ed\u2066e\x7ff\xffg\rh\r\ni\tj\x00"

func TestPlain(t *testing.T) {
	if got, want := Plain(hostile), "a\uFFFD]0;title\uFFFDb\uFFFD31mc\uFFFDd\uFFFDe\uFFFDf\uFFFDg\uFFFDh\ni\tj\uFFFD"; got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := PlainLine(hostile); strings.ContainsAny(got, "\n\t") || utf8.RuneCountInString(got) != utf8.RuneCountInString(hostile) {
		t.Errorf("%q", got)
	}
	for _, s := range []string{"", "Zürich 한글 é\n\tx", "e\u0301", "\u200d"} {
		if Plain(s) != s {
			t.Errorf("%q becomes %q", s, Plain(s))
		}
	}
}

func TestPlainColored(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[1m\x1b[31merror:\x1b[0m x\n":     "\x1b[1m\x1b[31merror:\x1b[0m x\n",
		"\x1b[31mopen\nnext":                   "\x1b[31mopen\x1b[0m\nnext",
		"\x1b[2J\x1b]0;t\x07\x1b[36mok\x1b[0m": "\uFFFD[2J\uFFFD]0;t\uFFFD\x1b[36mok\x1b[0m",
	} {
		if got := PlainColored(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPlainWriterTakesPieces(t *testing.T) {
	for size := 1; size <= len(hostile); size++ {
		var b bytes.Buffer
		w := NewPlainWriter(&b)
		for text := hostile + "한\r\nx\n"; text != ""; {
			n := min(size, len(text))
			if _, err := w.Write([]byte(text[:n])); err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if want := Plain(hostile + "한\r\nx\n"); b.String() != want {
			t.Errorf("in pieces of %d: %q, want %q", size, b.String(), want)
		}
	}
}

func TestUncommanded(t *testing.T) {
	for in, want := range map[string]string{
		"  ::warning file=x::lie\n": "  | ::warning file=x::lie\n",
		"a\n::error::x\n":           "a\n| ::error::x\n",
		"\r::error::x":              "\r| ::error::x",
		"x ##[add-path]/tmp":        "x ## [add-path]/tmp",
		"::1 answers":               "::1 answers",
		"fe80::1 ::x":               "fe80::1 ::x",
	} {
		if got := Uncommanded(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestJSONIsEscaped(t *testing.T) {
	set := &source.Set{}
	f := set.Add("a\x1b.nsl", "ns x")
	list := List{Errorf(NoFile, f.Span(), "%s", hostile).WithHelp("%s", hostile)}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"json":  func(b *bytes.Buffer) error { return WriteJSON(b, set, list) },
		"sarif": func(b *bytes.Buffer) error { return WriteSARIF(b, set, list, "1") },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); Plain(text) != text {
			t.Errorf("%s: %q", name, text)
		}
		var v any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "json" && v.([]any)[0].(map[string]any)["summary"] != strings.ToValidUTF8(hostile, "\uFFFD") {
			t.Errorf("%v", v)
		}
	}
}

// Neither a finding nor an error of any other kind brings more than text to a terminal.
func TestFindingsArePlain(t *testing.T) {
	set := &source.Set{}
	f := set.Add("a\x1b.nsl", "ns x\x1b[2J\nns y")
	d := Errorf(NoFile, f.Span(), "%s", hostile).WithHelp("it printed:\n  %s\n  ::warning::lie", hostile).WithRelated(f.Span(), "%s", hostile)
	for _, text := range []string{Text{Set: set}.Format(d), Text{Set: set}.FormatBelow(d, 2), reported(d), reported(bytes.ErrTooLarge)} {
		if Plain(text) != text || strings.Contains(text, "  ::") {
			t.Errorf("%q", text)
		}
	}
	if text := (Text{Set: set, Color: true}).Format(d); PlainColored(text) != text {
		t.Errorf("%q", text)
	}
	if first, _, _ := strings.Cut((Text{Set: set}).Format(d), "\n"); !strings.HasSuffix(first, "[NSL077]") {
		t.Errorf("the summary has several lines: %q", first)
	}
}

func reported(err error) string {
	var b bytes.Buffer
	Report(&b, nil, false, err)
	return b.String()
}
