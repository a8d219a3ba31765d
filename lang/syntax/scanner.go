package syntax

import (
	"slices"
	"strings"

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

// byteOrderMark is what some editors write at the start of a UTF-8 file.
const byteOrderMark = "\uFEFF"

type scanner struct {
	file       *source.File
	text       string
	pos        int
	tokens     []Token
	diags      diag.List
	stack      []bracket
	flat       int // lists and parentheses before this offset are only signs
	open       bool
	recoveries int
	dialect    Dialect
	first      int  // the first token of the statement
	asked      int  // the number of tokens when the dialect was asked
	program    bool // the rest of the statement is a command line
	// odd is the finding about the last byte that no text holds.
	odd *diag.Diagnostic
}

// Dialect is what the lexer must know of statements.
type Dialect interface {
	// Program reports whether the command line of a program follows these words of a
	// statement: it is split at blanks, and its signs are only characters.
	Program(head []Token) bool
	// Line is the length of the command line of another program that a text begins with
	// where a statement begins; 0 where there is none. inBlock: the statement is in a
	// block. open: the line may go on after the end of the text.
	Line(text string, inBlock bool) (n int, open bool)
}

// Lex cuts a file into tokens. It never fails: what is no token becomes Bad
// and a diagnostic. No statement has a command line: see [LexAs].
func Lex(f *source.File) Lexed { return LexAs(f, nil) }

// LexAs is [Lex] with a dialect.
func LexAs(f *source.File, d Dialect) Lexed {
	l := &scanner{file: f, text: f.Text, dialect: d, tokens: make([]Token, 0, len(f.Text)/4+8)}
	if l.has(byteOrderMark) {
		l.pos = len(byteOrderMark)
	}
	for l.pos < len(l.text) || l.unfinished() {
		if l.pos < len(l.text) {
			l.next()
		}
	}
	sortByPlace(l.diags)
	return Lexed{File: f, Tokens: l.tokens, Diags: l.diags, Open: l.open}
}

// sortByPlace puts findings into the order of the text.
func sortByPlace(list diag.List) {
	slices.SortStableFunc(list, func(a, b *diag.Diagnostic) int { return a.Subject.Start - b.Subject.Start })
}

func (l *scanner) span(start, end int) source.Span {
	return source.Span{Start: l.file.Base + start, End: l.file.Base + end}
}

func (l *scanner) emit(k Kind, start int) {
	text := l.text[start:l.pos]
	dynamic := k == Word && strings.Contains(text, "$") || k == String && text[0] == '"' && interpolates(text)
	l.tokens = append(l.tokens, Token{Kind: k, Span: l.span(start, l.pos), Text: text, Dynamic: dynamic,
		Argument: l.program && (k == Word || k == String)})
	if k == End || k == BlockOpen || k == BlockClose {
		l.first, l.program = len(l.tokens), false
	}
}

// inProgram reports whether the next token is of a program's command line.
func (l *scanner) inProgram() bool {
	if l.program || l.dialect == nil || len(l.tokens)-l.first < 2 || len(l.tokens) == l.asked || l.inline() >= 0 {
		return l.program
	}
	l.asked = len(l.tokens)
	l.program = l.dialect.Program(l.tokens[l.first:])
	return l.program
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

// next reads one token or skips one run of blanks.
func (l *scanner) next() {
	start := l.pos
	switch c := l.text[l.pos]; c {
	case ' ', '\t', '\r':
		l.pos++
	case '\n':
		l.pos++
		if l.top() == 0 || l.top() == BlockOpen {
			l.emit(End, start)
		}
	case ';', '{', '}':
		if c != '{' || !l.foreign() {
			l.structure(c)
		}
	case '#':
		l.comment()
	case '"', '\'':
		l.inProgram()
		l.quoted(c)
	default:
		switch {
		case l.foreign():
		case l.inProgram():
			l.argument()
		case l.dashedArrow() > 0:
			l.oddArrow()
		case c == '<' || c == '>':
			l.angle(c)
		case c == '(' || c == ')' || c == ',':
			l.punctuation(c)
		default:
			l.wordOrArrow()
		}
	}
}

// foreign takes the command line of another program, if one begins here.
func (l *scanner) foreign() bool {
	if l.dialect == nil || len(l.tokens) != l.first || l.inline() >= 0 {
		return false
	}
	n, open := l.dialect.Line(l.text[l.pos:], l.top() == BlockOpen)
	if n == 0 {
		return false
	}
	start := l.pos
	l.pos += n
	l.open = l.open || open && l.pos == len(l.text)
	l.emit(Foreign, start)
	return true
}

func (l *scanner) has(prefix string) bool { return strings.HasPrefix(l.text[l.pos:], prefix) }

// continued skips a backslash at the end of a line, with the line ending.
func (l *scanner) continued() bool {
	n := continuation(l.text[l.pos:])
	l.pos += n
	l.open = l.open || n > 0 && strings.Trim(l.text[l.pos:], " \t\r") == ""
	return n > 0
}

func (l *scanner) wordOrArrow() {
	if l.continued() {
		return
	}
	if l.has("->") {
		l.pos += 2
		l.emit(Arrow, l.pos-2)
		return
	}
	l.word()
}

func (l *scanner) comment() {
	start := l.pos
	line, _, _ := strings.Cut(l.text[l.pos:], "\n")
	l.pos += len(strings.TrimRight(line, "\r"))
	l.emit(Comment, start)
}

// continuation is the length of a backslash at the end of a line, line ending
// included, that s begins with; 0 where there is none. Blanks after the
// backslash cannot be seen on the screen, so they do not change what it means.
func continuation(s string) int {
	if s == "" || s[0] != '\\' {
		return 0
	}
	rest := strings.TrimLeft(s[1:], " \t\r")
	switch {
	case rest == "":
		return len(s)
	case rest[0] == '\n':
		return len(s) - len(rest) + 1
	}
	return 0
}
