// Package source keeps the text of scripts and the places in them.
//
// A [Span] is a pair of byte offsets that are unique within a [Set], so it is
// small, comparable and needs no pointer to its file; line and column are
// computed only when something is shown to a person.
package source

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range [Start, End) of byte offsets in a [Set].
// The zero Span is "nowhere".
type Span struct{ Start, End int }

// IsZero reports whether the span points nowhere.
func (s Span) IsZero() bool { return s == Span{} }

// To returns the span from the start of s to the end of t.
// If either of them is nowhere, it is the other.
func (s Span) To(t Span) Span {
	switch {
	case s.IsZero():
		return t
	case t.IsZero():
		return s
	}
	return Span{min(s.Start, t.Start), max(s.End, t.End)}
}

// File is one source text.
type File struct {
	// Name is shown to the user as it is; "-" means standard input.
	Name string
	// Text is the whole content.
	Text string
	// Base is the offset of the first byte in the Set.
	Base int

	lines []int // offset in Text of the start of each line
}

// Span is the place of the whole file.
func (f *File) Span() Span { return Span{f.Base, f.Base + len(f.Text)} }

// Line returns the text of the 1-based line n without its line ending,
// or "" where there is no such line.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	return strings.TrimSuffix(f.Text[f.lines[n-1]:end], "\r")
}

// Position is a place as people and editors count it.
type Position struct {
	File *File
	// Line is 1-based.
	Line int
	// Column is 1-based and counts Unicode code points.
	Column int
}

// Set holds the files of one run. It is not safe for concurrent Add.
type Set struct{ files []*File }

// Add registers a text under a name and returns its file.
func (s *Set) Add(name, text string) *File {
	base := 1 // offset 0 is nowhere
	if n := len(s.files); n > 0 {
		last := s.files[n-1]
		base = last.Base + len(last.Text) + 1
	}
	f := &File{Name: name, Text: text, Base: base, lines: lineStarts(text)}
	s.files = append(s.files, f)
	return f
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// Files returns the files in the order they were added.
func (s *Set) Files() []*File { return s.files }

// File returns the file that holds the offset, or nil.
func (s *Set) File(offset int) *File {
	i := sort.Search(len(s.files), func(i int) bool { return s.files[i].Base > offset }) - 1
	if i < 0 || offset > s.files[i].Base+len(s.files[i].Text) {
		return nil
	}
	return s.files[i]
}

// Position converts an offset; its File is nil when the offset is nowhere.
func (s *Set) Position(offset int) Position {
	f := s.File(offset)
	if f == nil {
		return Position{}
	}
	local := offset - f.Base
	line := sort.SearchInts(f.lines, local+1)
	start := f.lines[line-1]
	return Position{f, line, utf8.RuneCountInString(f.Text[start:local]) + 1}
}

// Text returns the source text of a span, or "" where it is nowhere.
func (s *Set) Text(span Span) string {
	f := s.File(span.Start)
	if f == nil || span.End > f.Base+len(f.Text) || span.End < span.Start {
		return ""
	}
	return f.Text[span.Start-f.Base : span.End-f.Base]
}
