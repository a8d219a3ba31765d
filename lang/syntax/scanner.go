package syntax

import (
	"strings"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Lexed is a text cut into tokens.
type Lexed struct {
	File   *source.File
	Tokens []Token
	Diags  diag.List
	// Open is set when a bracket, quote or continued line is open at the end of
	// the text: more input may complete it.
	Open bool
}

// maxRecoveries bounds how often an unclosed bracket is taken back to the end
// of its line: each time costs a scan of the rest of the text.
const maxRecoveries = 20

type bracket struct {
	kind Kind
	at   int // index in tokens
}

type scanner struct {
	file       *source.File
	text       string
	pos        int
	tokens     []Token
	diags      diag.List
	stack      []bracket
	open       bool
	recoveries int
}

// Lex cuts a file into tokens. It never fails: what is no token becomes Bad
// and a diagnostic.
func Lex(f *source.File) Lexed {
	l := &scanner{file: f, text: f.Text}
	if strings.HasPrefix(l.text, "#!") {
		l.comment()
	}
	for {
		for l.pos < len(l.text) {
			l.next()
		}
		if !l.recover() {
			break
		}
	}
	return Lexed{File: f, Tokens: l.tokens, Diags: l.diags, Open: l.open}
}

func (l *scanner) span(start, end int) source.Span {
	return source.Span{Start: l.file.Base + start, End: l.file.Base + end}
}

func (l *scanner) emit(k Kind, start int) {
	text := l.text[start:l.pos]
	dynamic := k == Word && strings.Contains(text, "$") || k == String && text[0] == '"' && interpolates(text)
	l.tokens = append(l.tokens, Token{Kind: k, Span: l.span(start, l.pos), Text: text, Dynamic: dynamic})
}

// interpolates reports whether a "…" literal holds an unescaped dollar sign.
func interpolates(lit string) bool {
	for i := 0; i < len(lit); i++ {
		switch lit[i] {
		case '\\':
			i++
		case '$':
			return true
		}
	}
	return false
}

func (l *scanner) top() Kind {
	if len(l.stack) == 0 {
		return 0
	}
	return l.stack[len(l.stack)-1].kind
}

func (l *scanner) push(k Kind) { l.stack = append(l.stack, bracket{k, len(l.tokens)}) }

// next reads one token or skips one run of blanks.
func (l *scanner) next() {
	start := l.pos
	switch c := l.text[l.pos]; c {
	case ' ', '\t', '\r':
		l.pos++
	case '\n':
		l.pos++
		if top := l.top(); top != ListOpen && top != ParenOpen {
			l.emit(End, start)
		}
	case ';':
		l.pos++
		l.emit(End, start)
	case '#':
		l.comment()
	case '"', '\'':
		l.quoted(c)
	case '<', '>':
		l.angle(c)
	case '(', ')', '{', '}', ',':
		l.punctuation(c)
	case '\\':
		if !l.continuation() {
			l.word()
		}
	default:
		if l.has("->") {
			l.pos += 2
			l.emit(Arrow, start)
			return
		}
		l.word()
	}
}

func (l *scanner) has(prefix string) bool { return strings.HasPrefix(l.text[l.pos:], prefix) }

func (l *scanner) comment() {
	start := l.pos
	if i := strings.IndexByte(l.text[l.pos:], '\n'); i >= 0 {
		l.pos += i
	} else {
		l.pos = len(l.text)
	}
	l.emit(Comment, start)
}

// continuation skips a backslash at the end of a line.
func (l *scanner) continuation() bool {
	rest := l.text[l.pos+1:]
	switch {
	case strings.HasPrefix(rest, "\n"):
		l.pos += 2
	case strings.HasPrefix(rest, "\r\n"):
		l.pos += 3
	case rest == "":
		l.pos++
		l.open = true
	default:
		return false
	}
	return true
}

func (l *scanner) angle(c byte) {
	start := l.pos
	switch {
	case l.has("<->"):
		l.pos += 3
		l.emit(Cable, start)
	case l.has("<=") || l.has(">=") && l.top() != ListOpen:
		l.pos += 2
		l.emit(Compare, start)
	case c == '<' && !l.blankBehind():
		l.push(ListOpen)
		l.pos++
		l.emit(ListOpen, start)
	case c == '>' && l.top() == ListOpen:
		l.stack = l.stack[:len(l.stack)-1]
		l.pos++
		l.emit(ListClose, start)
	default:
		l.pos++
		l.emit(Compare, start)
	}
}

// blankBehind reports whether a blank and then something else on the same line
// follow: then "<" is the less-than sign.
func (l *scanner) blankBehind() bool {
	rest := l.text[l.pos+1:]
	trimmed := strings.TrimLeft(rest, " \t\r")
	return len(trimmed) < len(rest) && trimmed != "" && trimmed[0] != '\n' && trimmed[0] != '#'
}

func (l *scanner) punctuation(c byte) {
	start := l.pos
	l.pos++
	switch c {
	case ',':
		l.emit(Comma, start)
	case '(':
		l.push(ParenOpen)
		l.emit(ParenOpen, start)
	case '{':
		l.push(BlockOpen)
		l.emit(BlockOpen, start)
	case ')':
		l.closing(ParenOpen, ParenClose, start)
	case '}':
		l.closing(BlockOpen, BlockClose, start)
	}
}

// closing takes a bracket from the stack; lists and parentheses left open
// inside a block end with it, each with its own error.
func (l *scanner) closing(opener, closer Kind, start int) {
	if opener == BlockOpen {
		for top := l.top(); top == ListOpen || top == ParenOpen; top = l.top() {
			b := l.stack[len(l.stack)-1]
			l.stack = l.stack[:len(l.stack)-1]
			l.diags.Add(unclosed(l.tokens[b.at]))
			l.tokens = append(l.tokens, Token{Kind: Bad, Span: l.tokens[b.at].Span})
		}
	}
	if l.top() != opener {
		l.diags.Add(unopened(l.span(start, l.pos), l.text[start:l.pos]))
		l.emit(Bad, start)
		return
	}
	l.stack = l.stack[:len(l.stack)-1]
	l.emit(closer, start)
}

func (l *scanner) word() {
	start := l.pos
	for l.pos < len(l.text) {
		if l.has("${") {
			if !l.interpolation() {
				l.emit(Bad, start)
				return
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if bad := r == utf8.RuneError && size <= 1 || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f; bad {
			l.odd(start, size)
			return
		}
		if strings.ContainsRune(" \t\r\n;{}()<>\"',", r) || l.has("->") {
			break
		}
		l.pos += size
	}
	l.emit(Word, start)
}

// odd reports one byte that no text holds, and goes on behind it.
func (l *scanner) odd(start, size int) {
	at := l.span(l.pos, l.pos+size)
	l.diags.Add(oddByte(at, l.text[l.pos]))
	l.pos += size
	l.emit(Bad, start)
}

// interpolation skips "${…}", with braces and strings inside it.
func (l *scanner) interpolation() bool {
	start, depth := l.pos, 0
	l.pos++
	for ; l.pos < len(l.text) && l.text[l.pos] != '\n'; l.pos++ {
		switch l.text[l.pos] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			l.pos++
			return true
		}
	}
	l.open = l.open || l.pos == len(l.text)
	l.diags.Add(unclosedAt(l.span(start, start+2), "${", "}"))
	return false
}

func (l *scanner) quoted(quote byte) {
	start := l.pos
	if l.has(`"""`) {
		l.triple(start)
		return
	}
	for l.pos++; l.pos < len(l.text) && l.text[l.pos] != '\n'; l.pos++ {
		switch {
		case l.text[l.pos] == '\\' && quote == '"' && l.pos+1 < len(l.text):
			l.escape()
		case l.text[l.pos] == quote:
			l.pos++
			l.emit(String, start)
			return
		}
	}
	l.open = l.open || l.pos == len(l.text)
	l.diags.Add(unclosedQuote(l.span(start, start+1), string(quote)))
	l.emit(Bad, start)
}

func (l *scanner) triple(start int) {
	l.pos += 3
	for ; l.pos < len(l.text); l.pos++ {
		switch {
		case l.text[l.pos] == '\\' && l.pos+1 < len(l.text):
			l.escape()
		case l.has(`"""`):
			l.pos += 3
			l.emit(String, start)
			return
		}
	}
	l.open = true
	l.diags.Add(unclosedAt(l.span(start, start+3), `"""`, `"""`))
	l.emit(Bad, start)
}

// escape checks the character behind a backslash and stands on it.
func (l *scanner) escape() {
	l.pos++
	if !strings.ContainsRune(`nt"\$`, rune(l.text[l.pos])) {
		_, size := utf8.DecodeRuneInString(l.text[l.pos:])
		l.diags.Add(unknownEscape(l.span(l.pos-1, l.pos+size), l.text[l.pos-1:l.pos+size]))
	}
}

// recover reports brackets that are open at the end of the text. A list or
// parenthesis is taken to end with its line, so that the rest of the file is
// still read; it reports whether there is such a rest.
func (l *scanner) recover() bool {
	if len(l.stack) == 0 {
		return false
	}
	l.open = true
	outer := -1
	for i, b := range l.stack {
		if b.kind != BlockOpen {
			outer = i
			break
		}
	}
	if outer < 0 || l.recoveries == maxRecoveries {
		for _, b := range l.stack {
			l.diags.Add(unclosed(l.tokens[b.at]))
		}
		l.stack = nil
		return false
	}
	l.recoveries++
	return l.cutAt(l.stack[outer].at, outer)
}

// cutAt ends the bracket that token at opened at the end of its line.
func (l *scanner) cutAt(at, depth int) bool {
	opener := l.tokens[at]
	l.diags.Add(unclosed(opener))
	l.stack = l.stack[:depth]
	start := opener.Span.Start - l.file.Base
	eol := strings.IndexByte(l.text[start:], '\n')
	if eol < 0 {
		l.tokens = append(l.tokens[:at+1], Token{Kind: Bad, Span: opener.Span})
		return len(l.stack) > 0
	}
	l.dropDiagsFrom(l.file.Base + start + eol)
	l.tokens = append(l.tokens[:at+1], Token{Kind: Bad, Span: opener.Span})
	l.pos = start + eol
	return true
}

// dropDiagsFrom forgets the findings of text that will be read again.
func (l *scanner) dropDiagsFrom(offset int) {
	kept := l.diags[:0]
	for _, d := range l.diags {
		if d.Subject.Start < offset {
			kept = append(kept, d)
		}
	}
	l.diags = kept
}
