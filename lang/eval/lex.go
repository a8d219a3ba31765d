package eval

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// sign is the kind of an expression's token.
type sign uint8

const (
	operand  sign = iota + 1 // a whole expression already: a literal, a variable, a template
	operator                 // + - * / % == != < <= > >= and or not in
	callName                 // a name with "(" right after it
	parenOpen
	parenClose
	comma
	listOpen
	listClose
)

// item is a token of an expression.
type item struct {
	sign sign
	text string
	at   source.Span
	expr Expr
}

// wordOperators are the operators that are words of a statement.
const wordOperators = " + - * / % == != and or not in "

func isOperator(w string) bool { return strings.Contains(wordOperators, " "+w+" ") }

// statementItems takes the words of a statement as an expression: a bare word
// is text or what its shape says, a variable has its $.
func statementItems(tokens []syntax.Token) ([]item, *diag.Diagnostic) {
	var items []item
	for i, t := range tokens {
		it := item{text: t.Text, at: t.Span}
		switch t.Kind {
		case syntax.Compare:
			it.sign = operator
		case syntax.ParenOpen:
			it.sign = parenOpen
		case syntax.ParenClose:
			it.sign = parenClose
		case syntax.Comma:
			it.sign = comma
		case syntax.ListOpen:
			it.sign = listOpen
		case syntax.ListClose:
			it.sign = listClose
		case syntax.Word, syntax.String:
			var next syntax.Token
			if i+1 < len(tokens) {
				next = tokens[i+1]
			}
			if d := it.word(t, next); d != nil {
				return nil, d
			}
		default:
			return nil, diag.Errorf(diag.BadExpr, t.Span, "unexpected %s in an expression", t.Text)
		}
		items = append(items, it)
	}
	return items, nil
}

// word classifies one word of a statement.
func (it *item) word(t, next syntax.Token) *diag.Diagnostic {
	switch {
	case t.Kind == syntax.Word && isOperator(t.Text):
		it.sign = operator
		return nil
	case t.Kind == syntax.Word && next.Kind == syntax.ParenOpen && next.Span.Start == t.Span.End && isName(t.Text):
		it.sign = callName
		return nil
	}
	if glued := gluedOperator(t); glued != "" {
		return diag.Errorf(diag.BadExpr, t.Span, "%s is one word, not a calculation", t.Text).
			WithHelp("put blanks around %s, or write ${…}", glued)
	}
	it.sign = operand
	e, d := wordExpr(t)
	it.expr = e
	return d
}

// gluedOperator finds $a+1, which a word would make text of.
func gluedOperator(t syntax.Token) string {
	if t.Kind != syntax.Word || !strings.HasPrefix(t.Text, "$") || strings.HasPrefix(t.Text, "${") {
		return ""
	}
	rest := strings.TrimLeftFunc(t.Text[1:], isNameRune)
	for _, op := range []string{"==", "!=", "+", "*", "%"} {
		if strings.HasPrefix(rest, op) {
			return op
		}
	}
	return ""
}

func isNameRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// isName reports whether a word can be the name of a variable or function.
func isName(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return w != "" && !unicode.IsDigit(r) && strings.TrimLeftFunc(w, isNameRune) == ""
}

// innerItems lexes what is between ${ and }, where a bare name is a variable.
func innerItems(text string, base int) ([]item, *diag.Diagnostic) {
	l := &inner{text: text, base: base}
	for l.pos < len(l.text) {
		if d := l.next(); d != nil {
			return nil, d
		}
	}
	return l.items, nil
}

type inner struct {
	text  string
	base  int
	pos   int
	items []item
}

func (l *inner) span(start int) source.Span {
	return source.Span{Start: l.base + start, End: l.base + l.pos}
}

func (l *inner) add(s sign, start int, e Expr) {
	l.items = append(l.items, item{sign: s, text: l.text[start:l.pos], at: l.span(start), expr: e})
}

func (l *inner) next() *diag.Diagnostic {
	start, rest := l.pos, l.text[l.pos:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.ContainsRune(" \t\r\n", r):
		l.pos++
		return nil
	case r == '"' || r == '\'':
		return l.quoted(byte(r))
	case unicode.IsDigit(r) || r == ':' || startsAddress(rest):
		l.number()
		return nil
	case r == '_' || unicode.IsLetter(r):
		l.name()
		return nil
	case r == '$':
		l.pos++
		return nil // ${$x} reads as ${x}
	}
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"} {
		if strings.HasPrefix(rest, op) {
			l.pos += len(op)
			l.add(operator, start, nil)
			return nil
		}
	}
	signs := map[rune]sign{'(': parenOpen, ')': parenClose, ',': comma}
	l.pos += size
	if s, ok := signs[r]; ok {
		l.add(s, start, nil)
		return nil
	}
	return diag.Errorf(diag.BadExpr, l.span(start), "unexpected %q in an expression", r)
}

func (l *inner) quoted(quote byte) *diag.Diagnostic {
	start := l.pos
	for l.pos++; l.pos < len(l.text); l.pos++ {
		switch {
		case l.text[l.pos] == '\\' && quote == '"':
			l.pos++
		case l.text[l.pos] == quote:
			l.pos++
			t := syntax.Token{Kind: syntax.String, Span: l.span(start), Text: l.text[start:l.pos]}
			t.Dynamic = quote == '"' && strings.Contains(t.Text, "$")
			e, d := wordExpr(t)
			l.add(operand, start, e)
			return d
		}
	}
	return diag.Errorf(diag.Unclosed, source.Span{Start: l.base + start, End: l.base + start + 1}, "%c is not closed", quote)
}

// startsAddress finds fd00::1, which begins like a name.
func startsAddress(text string) bool {
	rest := strings.TrimLeftFunc(text, inNumber)
	_, ok := OfWord(text[:len(text)-len(rest)]).(Addr)
	return ok
}

func inNumber(r rune) bool { return r == '.' || r == ':' || isNameRune(r) }

// number takes a number, a quantity or an address: 10, 10ms, 10.0.0.0/24, fd00::1.
func (l *inner) number() {
	start := l.pos
	l.run(inNumber)
	_, isAddr := OfWord(l.text[start:l.pos]).(Addr)
	rest := l.text[l.pos:]
	switch {
	case isAddr && strings.HasPrefix(rest, "/"):
		l.pos++
		l.run(unicode.IsDigit)
	case strings.HasPrefix(rest, "%") && isAddr == startsOperand(rest[1:]):
		l.pos++ // 10% is a share and 10%3 a remainder, but fe80::1%eth0 an address
		if isAddr {
			l.run(inNumber)
		}
	}
	l.add(operand, start, literal{l.span(start), OfWord(l.text[start:l.pos])})
}

// startsOperand reports whether a value follows right here.
func startsOperand(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isNameRune(r) || strings.ContainsRune("$('\"", r)
}

func (l *inner) run(take func(rune) bool) {
	rest := strings.TrimLeftFunc(l.text[l.pos:], take)
	l.pos = len(l.text) - len(rest)
}

func (l *inner) name() {
	start := l.pos
	l.run(isNameRune)
	word := l.text[start:l.pos]
	switch {
	case isOperator(word):
		l.add(operator, start, nil)
	case strings.HasPrefix(l.text[l.pos:], "("):
		l.add(callName, start, nil)
	case word == "true" || word == "false":
		l.add(operand, start, literal{l.span(start), OfWord(word)})
	default:
		l.add(operand, start, variable{l.span(start), word})
	}
}
