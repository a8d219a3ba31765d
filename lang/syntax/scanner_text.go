package syntax

import (
	"strings"
	"unicode/utf8"

	"nsl/lang/source"
)

// wordEnds are the characters that no word holds.
const wordEnds = " \t\r\n;{}()<>\"',"

func (l *scanner) word() { l.run(l.atWordEnd, true) }

// argumentEnds are the characters that no unquoted part of an argument holds.
const argumentEnds = " \t\r\n;{}\"'"

// argument takes an unquoted part of an argument of a program.
func (l *scanner) argument() {
	if !l.continued() {
		l.run(func() bool {
			c := l.text[l.pos]
			return strings.IndexByte(argumentEnds, c) >= 0 || c == '\\' && continuation(l.text[l.pos:]) > 0
		}, false)
	}
}

// run takes a word up to its end; looks reports whether characters are reported that
// look like signs of the language and are none.
func (l *scanner) run(atEnd func() bool, looks bool) {
	start, before := l.pos, len(l.diags)
	for l.pos < len(l.text) && !atEnd() {
		switch {
		case plain(l.text[l.pos]):
			l.pos++
		case l.has("${"):
			l.interpolation()
		default:
			l.char(looks)
		}
	}
	if l.text[l.pos-1] == '\\' && len(l.diags) == before {
		l.diags.Add(lonelyBackslash(l.span(l.pos-1, l.pos)))
	}
	l.emitSound(Word, start, before)
}

// plain reports characters that need no second look: nearly all there are.
func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '.' && c <= ':' || c >= 'A' && c <= 'Z' || c == '_'
}

func (l *scanner) atWordEnd() bool {
	c := l.text[l.pos]
	if plain(c) {
		return false
	}
	return strings.IndexByte(wordEnds, c) >= 0 || c == '-' && l.has("->") || c >= utf8.RuneSelf && l.dashedArrow() > 0 ||
		c == '\\' && continuation(l.text[l.pos:]) > 0
}

// emitSound emits the token, or Bad when something was found in it.
func (l *scanner) emitSound(k Kind, start, before int) {
	if len(l.diags) > before {
		k = Bad
	}
	l.emit(k, start)
}

// char takes one character and reports what no text holds, and in a word
// also what looks like a sign of the language and is none.
func (l *scanner) char(inWord bool) {
	r, size := utf8.DecodeRuneInString(l.text[l.pos:])
	at := l.span(l.pos, l.pos+size)
	control := (r < ' ' && r != '\t') || r == 0x7f
	switch {
	case r == '\n' || r == '\r' && strings.HasPrefix(l.text[l.pos+1:], "\n"):
	case r == utf8.RuneError && size <= 1, control:
		l.oddByte(at)
	case inWord && r >= utf8.RuneSelf:
		l.diags.Add(lookalike(at, r))
	}
	l.pos += size
}

// oddByte reports a byte that no text holds, and a run of them once: what is no
// text at all has thousands.
func (l *scanner) oddByte(at source.Span) {
	if n := len(l.diags); n > 0 && l.diags[n-1] == l.odd && l.odd.Subject.End == at.Start {
		l.odd.Subject.End = at.End
		return
	}
	l.odd = oddByte(at, l.text[l.pos])
	l.diags.Add(l.odd)
}

// interpolation takes "${…}" with the braces and strings inside it. It ends
// with its line; it reports whether it was closed.
func (l *scanner) interpolation() bool {
	start, depth := l.pos, 0
	l.pos++
	for l.pos < len(l.text) && l.text[l.pos] != '\n' {
		switch c := l.text[l.pos]; c {
		case '"', '\'':
			l.skipQuoted(c)
			continue
		case '{':
			depth++
		case '}':
			depth--
		}
		l.char(false)
		if depth == 0 {
			return true
		}
	}
	l.open = l.open || l.pos == len(l.text)
	l.diags.Add(unclosedAt(l.span(start, start+2), "${", "}"))
	return false
}

// skipQuoted takes a string inside "${…}", or the rest of the line.
func (l *scanner) skipQuoted(quote byte) {
	l.char(false)
	for l.pos < len(l.text) && l.text[l.pos] != '\n' {
		c := l.text[l.pos]
		l.char(false)
		switch {
		case c == quote:
			return
		case c == '\\' && quote == '"' && l.pos < len(l.text) && l.text[l.pos] != '\n':
			l.char(false)
		}
	}
}

func (l *scanner) quoted(quote byte) {
	if l.has(`"""`) {
		l.triple()
		return
	}
	start, before := l.pos, len(l.diags)
	for l.pos++; l.pos < len(l.text) && l.text[l.pos] != '\n'; {
		switch c := l.text[l.pos]; {
		case c == quote:
			l.pos++
			l.emitSound(String, start, before)
			return
		case c == '\\' && quote == '"':
			l.escape()
		case quote == '"' && l.has("${"):
			if !l.interpolation() {
				l.emit(Bad, start)
				return
			}
		default:
			l.char(false)
		}
	}
	l.open = l.open || l.pos == len(l.text)
	l.diags.Add(unclosedQuote(l.span(start, start+1), string(quote)))
	l.emit(Bad, start)
}

func (l *scanner) triple() {
	start, before := l.pos, len(l.diags)
	for l.pos += 3; l.pos < len(l.text); {
		switch {
		case l.text[l.pos] == '\\':
			l.escape()
		case l.has(`"""`):
			l.pos += 3
			l.emitSound(String, start, before)
			return
		default:
			l.char(false)
		}
	}
	l.open = true
	l.diags.Add(unclosedAt(l.span(start, start+3), `"""`, `"""`))
	l.emit(Bad, start)
}

// escape takes a backslash and the character after it; a line ending stays,
// so that a string cannot take in the next line.
func (l *scanner) escape() {
	start := l.pos
	l.pos++
	if l.pos == len(l.text) {
		return
	}
	if strings.IndexByte(`nt"\$`, l.text[l.pos]) >= 0 {
		l.pos++
		return
	}
	if c := l.text[l.pos]; c != '\r' && c != '\n' {
		l.char(false)
	}
	l.diags.Add(unknownEscape(l.span(start, l.pos), l.text[start:l.pos]))
}
