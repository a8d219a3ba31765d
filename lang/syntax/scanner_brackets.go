package syntax

import "strings"

// maxRecoveries bounds how often an unclosed bracket is closed again at the end
// of its line: each time costs a scan of the rest of the text.
const maxRecoveries = 20

// maxNesting bounds how deep brackets stand in each other: the splitter and
// everything that reads its tree recurse that deep.
const maxNesting = 200

// bracket is an open bracket. Lists and parentheses hold no blocks, so the
// blocks come first on the stack.
type bracket struct {
	kind Kind
	at   int // index in tokens
}

func (l *scanner) top() Kind {
	if len(l.stack) == 0 {
		return 0
	}
	return l.stack[len(l.stack)-1].kind
}

// inline is the index of the outermost open list or parenthesis, or -1.
func (l *scanner) inline() int {
	for i, b := range l.stack {
		if b.kind != BlockOpen {
			return i
		}
	}
	return -1
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
	case c == '<' && !l.lessThan():
		l.opening(ListOpen)
	case c == '>' && l.top() == ListOpen:
		l.stack = l.stack[:len(l.stack)-1]
		l.pos++
		l.emit(ListClose, start)
	default:
		l.pos++
		l.emit(Compare, start)
	}
}

// dashes are the signs that word processors and web pages write for "-".
const dashes = "‐‑‒–—―−"

// dashedArrow is the length of an arrow here that is written with one of the dashes:
// "–>", "<–>"; 0 where there is none. In a list the ">" may be its end.
func (l *scanner) dashedArrow() int {
	rest := strings.TrimPrefix(l.text[l.pos:], "<")
	end := strings.TrimLeft(rest, dashes)
	if l.top() == ListOpen || len(end) == len(rest) || !strings.HasPrefix(end, ">") {
		return 0
	}
	return len(l.text) - l.pos - len(end) + 1
}

// oddArrow takes such an arrow.
func (l *scanner) oddArrow() {
	start, sign := l.pos, "->"
	if l.has("<") {
		sign = "<->"
	}
	l.pos += l.dashedArrow()
	l.diags.Add(onlyLooks(l.span(start, l.pos), l.text[start:l.pos], sign))
	l.emit(Bad, start)
}

// lessThan reports whether "<" is the less-than sign: a blank follows it,
// and then something that it can compare with.
func (l *scanner) lessThan() bool {
	rest := l.text[l.pos+1:]
	trimmed := strings.TrimLeft(rest, " \t\r")
	if len(trimmed) == len(rest) {
		return false
	}
	for n := continuation(trimmed); n > 0; n = continuation(trimmed) {
		trimmed = strings.TrimLeft(trimmed[n:], " \t\r")
	}
	return trimmed != "" && !strings.ContainsRune("\n#;{}>", rune(trimmed[0]))
}

func (l *scanner) punctuation(c byte) {
	start := l.pos
	switch c {
	case '(':
		l.opening(ParenOpen)
	case ')':
		if n := len(l.stack); n > 1 && l.top() == ListOpen && l.stack[n-2].kind == ParenOpen {
			l.takeBack(n - 1)
			return
		}
		l.pos++
		l.closing(ParenOpen, ParenClose, start)
	default:
		l.pos++
		l.emit(Comma, start)
	}
}

// structure reads the signs that no list and no parenthesis can hold: where
// one is open, it was never closed.
func (l *scanner) structure(c byte) {
	if i := l.inline(); i >= 0 {
		l.takeBack(i)
		return
	}
	start := l.pos
	switch c {
	case '{':
		l.opening(BlockOpen)
	case '}':
		l.pos++
		l.closing(BlockOpen, BlockClose, start)
	default:
		l.pos++
		l.emit(End, start)
	}
}

func (l *scanner) opening(k Kind) {
	if len(l.stack) >= maxNesting {
		l.nestedTooDeep()
		return
	}
	if k == BlockOpen || l.pos >= l.flat {
		l.stack = append(l.stack, bracket{k, len(l.tokens)})
	}
	l.pos++
	l.emit(k, l.pos-1)
}

func (l *scanner) closing(opener, closer Kind, start int) {
	switch {
	case l.top() == opener:
		l.stack = l.stack[:len(l.stack)-1]
	case opener == BlockOpen || start >= l.flat:
		l.diags.Add(unopened(l.span(start, l.pos), l.text[start:l.pos]))
		l.emit(Bad, start)
		return
	}
	l.emit(closer, start)
}

// nestedTooDeep gives up the line of the outermost list or parenthesis, or,
// where there are only blocks, the rest of the text.
func (l *scanner) nestedTooDeep() {
	i := l.inline()
	if i < 0 {
		l.diags.Add(tooDeep(l.span(l.pos, l.pos+1)))
		start := l.pos
		l.pos, l.stack = len(l.text), nil
		l.emit(Bad, start)
		return
	}
	at := l.stack[i].at
	start := l.tokens[at].Span.Start - l.file.Base
	if strings.Contains(l.text[start:l.pos], "\n") {
		l.takeBack(i)
		return
	}
	l.diags.Add(tooDeep(l.span(l.pos, l.pos+1)))
	l.tokens, l.stack = l.tokens[:at], l.stack[:i]
	l.pos += len(lineOf(l.text[l.pos:]))
	l.emit(Bad, start)
}

func lineOf(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// unfinished reports brackets that are open at the end of the text, and
// whether there is text to be read again.
func (l *scanner) unfinished() bool {
	if len(l.stack) == 0 {
		return false
	}
	l.open = true
	if i := l.inline(); i >= 0 {
		l.takeBack(i)
		return true
	}
	for _, b := range l.stack {
		l.diags.Add(unclosed(l.tokens[b.at], ""))
	}
	l.stack = nil
	return false
}

// takeBack reports a list or parenthesis that was never closed and reads the
// text after the bracket again, as if the bracket ended with its line: one
// bad line costs one line.
func (l *scanner) takeBack(i int) {
	at := l.stack[i].at
	opener := l.tokens[at]
	l.stack = l.stack[:i]
	l.tokens[at].Kind = Bad
	behind := opener.Span.End - l.file.Base
	line := lineOf(l.text[behind:])
	d := unclosed(opener, line)
	if l.recoveries < maxRecoveries {
		l.recoveries++
		l.dropDiagsFrom(opener.Span.End)
		l.tokens = l.tokens[:at+1]
		l.pos, l.flat = behind, behind+len(line)
	}
	l.diags.Add(d)
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
