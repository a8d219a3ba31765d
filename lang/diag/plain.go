package diag

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Texts that are shown come from programs, peers, files and the kernel as well: names
// of interfaces may have any byte but / and blanks. The functions here are the one place
// that decides what of them a terminal or a log gets.

// Plain is a text that does no more to a terminal than to fill lines: control characters
// (C0 but newline and tab, DEL, C1), those that change the direction of writing, and bytes
// that are not UTF-8 become U+FFFD. "\r\n" becomes "\n".
func Plain(s string) string {
	return strings.Map(visible, strings.ReplaceAll(s, "\r\n", "\n"))
}

// PlainLine is Plain on one line; each code point becomes one.
func PlainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return visible(r)
	}, s)
}

func visible(r rune) rune {
	if r == '\n' || r == '\t' || !acts(r) {
		return r
	}
	return utf8.RuneError
}

// acts reports whether a terminal does something else with a code point than to show it.
func acts(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// PlainColored is Plain but for colours (ECMA-48, SGR), which end with each line.
func PlainColored(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		text, newline := strings.CutSuffix(line, "\n")
		at, open := 0, false
		for _, place := range sgr().FindAllStringIndex(text, -1) {
			code := text[place[0]:place[1]]
			b.WriteString(Plain(text[at:place[0]]) + code)
			at, open = place[1], code != reset
		}
		b.WriteString(Plain(text[at:]))
		if open {
			b.WriteString(reset)
		}
		if newline {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func sgr() *regexp.Regexp { return regexp.MustCompile(`\x1b\[[0-9;]*m`) }

// Uncommanded keeps lines from being commands of a workflow, which GitHub's runner looks for
// in all that a step prints: "::warning::" after blanks, and "##[group]" anywhere.
func Uncommanded(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##[") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.ReplaceAll(line, "##[", "## [")
		command := strings.TrimLeftFunc(line, unicode.IsSpace)
		if rest, ok := strings.CutPrefix(command, "::"); ok && strings.Contains(rest, "::") {
			line = line[:len(line)-len(command)] + "| " + command
		}
		b.WriteString(line)
	}
	return b.String()
}

// plainWriter makes plain what is written in pieces.
type plainWriter struct {
	out  io.Writer
	rest []byte
}

// NewPlainWriter writes to w what Plain makes of the text, which may come in pieces of any
// size.
func NewPlainWriter(w io.Writer) io.Writer { return &plainWriter{out: w} }

// Write keeps the beginning of a code point, and a "\r" at the end, for the next piece.
func (w *plainWriter) Write(p []byte) (int, error) {
	text := slices.Concat(w.rest, p)
	end := len(text)
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-n:]) || c == '\r' {
				end = len(text) - n
			}
			break
		}
	}
	_, err := io.WriteString(w.out, Plain(string(text[:end])))
	w.rest = text[end:]
	return len(p), err
}

// jsonWriter escapes what encoding/json leaves as it is.
type jsonWriter struct{ out io.Writer }

// NewJSONWriter writes to w JSON that means the same, with what Plain replaces escaped: it
// loses nothing and is harmless on a terminal. Each Write is whole code points, as those
// of a json.Encoder are.
func NewJSONWriter(w io.Writer) io.Writer { return jsonWriter{w} }

// Write escapes: such code points are in strings only, but for newlines.
func (w jsonWriter) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(p) {
		if r != '\n' && r != '\t' && acts(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	_, err := io.WriteString(w.out, b.String())
	return len(p), err
}
