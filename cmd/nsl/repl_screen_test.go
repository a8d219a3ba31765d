package main

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// drawn is what a terminal shows that was sent a text: its lines, from the first
// on, as wide as the terminal (ECMA-48, as far as the prompt uses it).
func drawn(text string, columns int) []string {
	v := &vt{columns: columns, lines: [][]rune{nil}}
	for len(text) > 0 {
		text = v.eat(text)
	}
	lines := make([]string, len(v.lines))
	for i, l := range v.lines {
		lines[i] = strings.TrimRight(string(l), " \x00")
	}
	return lines
}

type vt struct {
	columns, row, col  int
	savedRow, savedCol int
	lines              [][]rune
}

func (v *vt) eat(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	rest := text[size:]
	switch r {
	case '\r':
		v.col = 0
	case '\n':
		v.down()
	case '\b':
		v.col = max(0, v.col-1)
	case '\a':
	case '\x1b':
		return v.escape(rest)
	default:
		v.put(r)
	}
	return rest
}

func (v *vt) down() {
	v.row++
	for len(v.lines) <= v.row {
		v.lines = append(v.lines, nil)
	}
}

func (v *vt) put(r rune) {
	if v.col == v.columns {
		v.col = 0
		v.down()
	}
	line := v.lines[v.row]
	for len(line) <= v.col {
		line = append(line, ' ')
	}
	line[v.col] = r
	v.lines[v.row] = line
	v.col++
}

func (v *vt) escape(text string) string {
	if text == "" {
		return ""
	}
	switch text[0] {
	case '7':
		v.savedRow, v.savedCol = v.row, v.col
		return text[1:]
	case '8':
		v.row, v.col = v.savedRow, v.savedCol
		return text[1:]
	}
	end := strings.IndexFunc(text, unicode.IsLetter)
	if end < 0 {
		return ""
	}
	v.sequence(text[1:end], text[end])
	return text[end+1:]
}

func (v *vt) sequence(args string, what byte) {
	n := 0
	for _, c := range args {
		n = 10*n + int(c-'0')
	}
	switch what {
	case 'A':
		v.row = max(0, v.row-max(1, n))
	case 'C':
		v.col = min(v.columns, v.col+max(1, n))
	case 'J':
		v.lines = v.lines[:v.row+1]
		v.cut()
	case 'K':
		if n == 2 {
			v.lines[v.row] = nil
		}
		v.cut()
	}
}

func (v *vt) cut() { v.lines[v.row] = v.lines[v.row][:min(v.col, len(v.lines[v.row]))] }

func TestDrawn(t *testing.T) {
	for text, want := range map[string]string{
		"ab\r\ncd\re":                     "ab|ed",
		"abcdefghijkl":                    "abcdefghij|kl",
		"ab\x1b[1;31mcd\x1b[0m":           "abcd",
		"ab\x1b7cd\x1b8X":                 "abXd",
		"abc\b\b\x1b[J1":                  "a1",
		"one\r\ntwo\x1b[2K\r\x1b[A\x1b[J": "",
		"ab\x1b[3Cc":                      "ab   c",
	} {
		if got := strings.Join(drawn(text, 10), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
