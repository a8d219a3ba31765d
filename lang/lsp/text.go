package lsp

import (
	"net/url"
	"sort"
	"strings"
	"unicode/utf8"
)

// lines is a text in which places are found.
type lines struct {
	text   string
	starts []int
}

func newLines(text string) lines {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return lines{text, starts}
}

// end is the offset of the end of a line (from 0), its line ending left out.
func (l lines) end(line int) int {
	end := len(l.text)
	if line+1 < len(l.starts) {
		end = l.starts[line+1] - 1
	}
	if end > l.starts[line] && l.text[end-1] == '\r' {
		end--
	}
	return end
}

// position is the place of an offset.
func (l lines) position(offset int) Position {
	offset = min(max(offset, 0), len(l.text))
	line := sort.SearchInts(l.starts, offset+1) - 1
	return Position{line, units(l.text[l.starts[line]:offset])}
}

// offset is that of a place. One that is not there is taken for the nearest, as the
// specification has it for columns after the end of a line.
func (l lines) offset(p Position) int {
	switch {
	case p.Line < 0:
		return 0
	case p.Line >= len(l.starts):
		return len(l.text)
	}
	at, end := l.starts[p.Line], l.end(p.Line)
	for n := 0; at < end && n < p.Character; {
		r, size := utf8.DecodeRuneInString(l.text[at:end])
		n += unitsOf(r)
		at += size
	}
	return at
}

func (l lines) rangeOf(start, end int) Range { return Range{l.position(start), l.position(end)} }

// units is the length of a text in UTF-16 code units. A byte that is not UTF-8 counts as
// the U+FFFD that an editor shows.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// edited is a text after changes, one after the other.
func edited(text string, changes []contentChange) string {
	for _, c := range changes {
		if c.Range == nil {
			text = c.Text
			continue
		}
		l := newLines(text)
		start, end := l.offset(c.Range.Start), l.offset(c.Range.End)
		if end < start {
			start, end = end, start
		}
		text = text[:start] + c.Text + text[end:]
	}
	return text
}

// fileName is the name of the file that a URI is about (RFC 8089), and the URI itself
// for a document that is none yet.
func fileName(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return uri
	}
	return u.Path
}

// fileURI is the URI of an absolute file name.
func fileURI(name string) string {
	if !strings.HasPrefix(name, "/") {
		return name
	}
	return (&url.URL{Scheme: "file", Path: name}).String()
}
