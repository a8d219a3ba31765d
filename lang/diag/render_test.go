package diag

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/source"
)

var update = flag.Bool("update", false, "write what is rendered into testdata")

// golden holds got against a file of testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s:\n%s", path, d)
	}
}

// find is the place of the first text in the file.
func find(f *source.File, text string) source.Span {
	i := strings.Index(f.Text, text)
	if i < 0 {
		panic(fmt.Sprintf("%q is not in %s", text, f.Name))
	}
	return source.Span{Start: f.Base + i, End: f.Base + i + len(text)}
}

// findings are one diagnostic for each thing that a renderer must get right.
func findings() (*source.Set, List) {
	set := &source.Set{}
	a := set.Add("labs/a.nsl", "ns red\r\n\tns bleu # tab and CRLF\r\nprint \"한글\" Zürich x\nns a\x01b\xffc\n"+
		"test \"two\nlines\" {\n\nexpect ping red ->")
	long := set.Add("long.nsl", "bridge b <"+strings.Repeat("node ", 60)+"guilty "+strings.Repeat("node ", 60)+">\nns "+strings.Repeat("x", 300))
	bom := set.Add("bom.nsl", "\uFEFFns blue")
	end := a.Span().End
	var list List
	list.Add(
		Errorf(UnknownNode, find(a, "bleu"), "no node bleu").WithHelp("did you mean \"blue\"?\nor make it before: ns bleu").WithFix(find(a, "ns bleu"), "bleu", "blue"),
		New(NotHeld, Failure, find(a, "Zürich"), "after wide characters"),
		New(OddByte, Warning, find(a, "\x01b\xff"), "after bytes that are no text"),
		Errorf(Unclosed, find(a, "\"two\nlines\""), "over two lines, 5 carets to the end of the first"),
		Errorf(TooShort, source.Span{Start: end, End: end}, "incomplete statement"),
		Errorf(DuplicateAddr, find(a, "expect"), "two places").
			WithRelated(find(a, "red"), "the first").WithRelated(find(long, "guilty"), "the second, in another file").
			WithRelated(source.Span{}, "nowhere: left out").WithHelp("change one"),
		New(NoFeature, Machine, find(long, "guilty"), "in the middle of a long line"),
		New(NoFeature, Machine, find(long, strings.Repeat("x", 300)), "longer than the screen"),
		New(NoFeature, Machine, find(long, "bridge b"), "at the start of a long line"),
		New(NoSandbox, Machine, source.Span{}, "nowhere at all").WithHelp("a help"),
		Errorf("", find(bom, "blue"), "after a byte order mark, with no code"),
		Errorf(NoFile, source.Span{Start: 1 << 40, End: 1 << 41}, "at a place that no file has"),
	)
	return set, list
}

func TestText(t *testing.T) {
	set, list := findings()
	var b bytes.Buffer
	if err := (Text{Set: set}).Write(&b, list); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/text.golden", b.String())
	if strings.Contains(b.String(), "\x1b") {
		t.Error("colours without being asked")
	}
}

// TestColor holds that colours are all that Color adds.
func TestColor(t *testing.T) {
	set, list := findings()
	for _, d := range list {
		plain, colored := Text{Set: set}.Format(d), Text{Set: set, Color: true}.Format(d)
		stripped := strings.NewReplacer(bold, "", red, "", yellow, "", cyan, "", reset, "").Replace(colored)
		if d := cmp.Diff(plain, stripped); d != "" {
			t.Error(d)
		}
		if starts := strings.Count(colored, "\x1b[") - strings.Count(colored, reset); starts < strings.Count(colored, reset) {
			t.Errorf("%q: more resets than colours", colored)
		}
	}
	golden(t, "testdata/color.golden", fmt.Sprintf("%q\n", Text{Set: set, Color: true}.Format(list[0])))
}

// TestCarets holds that the carets stand under the culprit and nothing else.
func TestCarets(t *testing.T) {
	for _, c := range []struct{ text, culprit, line, carets string }{
		{"ns red", "red", "ns red", "   ^^^"},
		{"ns\tred", "red", "ns red", "   ^^^"},
		{"한 red", "red", "한 red", "   ^^^"}, // two columns wide
		{"ns 한글!", "한글", "ns 한글!", "   ^^^^"},
		{"ns e\u0301 x", "x", "ns e\u0301 x", "     ^"}, // an accent of its own takes no column
		{"ns \u202E x", "x", "ns \uFFFD x", "     ^"},
		{"\u0085 x", "x", "\uFFFD x", "  ^"},
		{"x Zürich y", "Zürich", "x Zürich y", "  ^^^^^^"},
		{"\x1b[31m red", "red", "\uFFFD[31m red", "      ^^^"},
		{"a\nb", "a\nb", "a", "^"},
	} {
		set := &source.Set{}
		f := set.Add("f", c.text)
		lines := strings.Split(Text{Set: set}.Format(Errorf("", find(f, c.culprit), "x")), "\n")
		if d := cmp.Diff([]string{"    " + c.line, "    " + c.carets}, lines[1:3]); d != "" {
			t.Errorf("%q:\n%s", c.text, d)
		}
	}
}

func TestNoSet(t *testing.T) {
	got := Text{}.Format(Errorf(NoFile, source.Span{Start: 3, End: 4}, "no such file"))
	if want := "nsl: error: no such file [NSL077]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJSON(t *testing.T) {
	set, list := findings()
	var b bytes.Buffer
	if err := WriteJSON(&b, set, list); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/json.golden", b.String())
	b.Reset()
	if err := WriteJSON(&b, set, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("no findings are %q, %v", b.String(), err)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteError(t *testing.T) {
	set, list := findings()
	if err := (Text{Set: set}).Write(full{}, list); !errors.Is(err, errFull) {
		t.Errorf("text: %v", err)
	}
	if err := WriteJSON(full{}, set, list); !errors.Is(err, errFull) {
		t.Errorf("json: %v", err)
	}
}

func TestList(t *testing.T) {
	warning, mistake := New("", Warning, source.Span{}, "w"), Errorf("", source.Span{}, "e")
	var list List
	list.Add(nil, warning, nil)
	if list.HasErrors() || list.Err() != nil || len(list) != 1 {
		t.Errorf("a warning stops the run: %v", list)
	}
	list.Add(mistake)
	err := fmt.Errorf("wrapped: %w", list.Err())
	if got, ok := FromError(err); !ok || len(got) != 2 || got[1] != mistake {
		t.Errorf("lost in an error: %v %v", got, ok)
	}
	if got, ok := FromError(fmt.Errorf("wrapped: %w", mistake)); !ok || len(got) != 1 || got[0] != mistake {
		t.Errorf("lost in an error: %v %v", got, ok)
	}
	if got, ok := FromError(errFull); ok {
		t.Errorf("found %v in a foreign error", got)
	}
	if got, want := list.Error(), "w (and 1 more)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A fault of nsl is no finding about the script.
func TestPanicsAreTheMachines(t *testing.T) {
	var b bytes.Buffer
	if exit := Guard(&b, func() int { panic("on purpose\x1b[2J") }); exit != ExitMachine {
		t.Errorf("exit %d", exit)
	}
	if text := b.String(); !strings.Contains(text, "[NSL078]") || !strings.Contains(text, "panic: on purpose") || Plain(text) != text {
		t.Errorf("%s", text)
	}
	if exit := Guard(&b, func() int { return ExitFailed }); exit != ExitFailed {
		t.Errorf("exit %d", exit)
	}
	if exit := Report(&b, nil, false, errFull); exit != ExitMachine {
		t.Errorf("an error of the machine: exit %d", exit)
	}
}

// TestCodes holds that every code is written once.
func TestCodes(t *testing.T) {
	text, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, word := range strings.Fields(string(text)) {
		if !strings.HasPrefix(word, `"NSL`) {
			continue
		}
		if len(word) != len(`"NSL001"`) || seen[word] {
			t.Errorf("%s is there twice, or is malformed", word)
		}
		seen[word] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d codes were found in codes.go", len(seen))
	}
}
