package source

import "testing"

func TestPosition(t *testing.T) {
	set := &Set{}
	first := set.Add("a.nsl", "ns red\r\nns Zürich 한글 x\n\nlast")
	empty := set.Add("empty.nsl", "")
	second := set.Add("b.nsl", "ns blue")
	for _, c := range []struct {
		name         string
		file         *File
		offset       int
		line, column int
	}{
		{"start", first, 0, 1, 1},
		{"before CR", first, 6, 1, 7},
		{"after CR", first, 7, 1, 8},
		{"second line", first, 8, 2, 1},
		{"after two bytes of one character", first, 8 + len("ns Zü"), 2, 6},
		{"after three bytes of one character", first, 8 + len("ns Zürich 한"), 2, 12},
		{"end of the second line", first, 8 + len("ns Zürich 한글 x"), 2, 15},
		{"empty line", first, 8 + len("ns Zürich 한글 x\n"), 3, 1},
		{"last line", first, 8 + len("ns Zürich 한글 x\n\n"), 4, 1},
		{"end of a text with no newline", first, len(first.Text), 4, 5},
		{"empty file", empty, 0, 1, 1},
		{"another file", second, 3, 1, 4},
		{"its end", second, 7, 1, 8},
	} {
		got := set.Position(c.file.Base + c.offset)
		if want := (Position{c.file, c.line, c.column}); got != want {
			t.Errorf("%s: %d:%d of %v, want %d:%d of %v", c.name, got.Line, got.Column, got.File, c.line, c.column, c.file)
		}
	}
}

func TestNowhere(t *testing.T) {
	set := &Set{}
	if p := set.Position(0); p != (Position{}) {
		t.Errorf("an empty set has a place: %v", p)
	}
	f := set.Add("a", "abc")
	for _, offset := range []int{-1, 0, f.Base + 4} {
		if p := set.Position(offset); p != (Position{}) {
			t.Errorf("offset %d is at %v, want nowhere", offset, p)
		}
	}
	if f.Base == 0 {
		t.Error("the first byte has the offset of nowhere")
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"a", []string{"a"}},
		{"a\n", []string{"a", ""}},
		{"a\r\nb\r\n", []string{"a", "b", ""}},
		{"\n\nc", []string{"", "", "c"}},
		{"a\rb", []string{"a\rb"}},
	} {
		f := (&Set{}).Add("", c.text)
		for i, want := range c.want {
			if got := f.Line(i + 1); got != want {
				t.Errorf("%q: line %d is %q, want %q", c.text, i+1, got, want)
			}
		}
		for _, n := range []int{-1, 0, len(c.want) + 1} {
			if got := f.Line(n); got != "" {
				t.Errorf("%q: there is no line %d, got %q", c.text, n, got)
			}
		}
	}
}

func TestText(t *testing.T) {
	set := &Set{}
	a, b := set.Add("a", "abc"), set.Add("b", "xyz")
	for _, c := range []struct {
		span Span
		want string
	}{
		{a.Span(), "abc"},
		{b.Span(), "xyz"},
		{Span{a.Base + 1, a.Base + 2}, "b"},
		{Span{a.Base + 3, a.Base + 3}, ""},
		{Span{a.Base + 1, b.Base + 1}, ""}, // over two files
		{Span{a.Base + 2, a.Base + 1}, ""},
		{Span{}, ""},
	} {
		if got := set.Text(c.span); got != c.want {
			t.Errorf("%v is %q, want %q", c.span, got, c.want)
		}
	}
}

func TestTo(t *testing.T) {
	a, b := Span{3, 5}, Span{8, 9}
	for _, c := range []struct{ from, to, want Span }{
		{a, b, Span{3, 9}}, {b, a, Span{3, 9}}, {a, a, a}, {a, Span{}, a}, {Span{}, b, b},
	} {
		if got := c.from.To(c.to); got != c.want {
			t.Errorf("%v to %v is %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
