package syntax

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// The token types that grammars see. Signs keep their text, so that a grammar
// names them by it: '<->'.
const (
	typeEOF    = lexer.EOF
	typeWord   = lexer.TokenType(-2)
	typeString = lexer.TokenType(-3)
	typeDyn    = lexer.TokenType(-4)
	typeSign   = lexer.TokenType(-5)
)

// Definition tells participle the token types. Texts are never lexed by it:
// see [Stream].
type Definition struct{ lexer.Definition }

// Symbols are the names of the token types in grammars.
func (Definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{"EOF": typeEOF, "Word": typeWord, "String": typeString,
		"Dyn": typeDyn, "Sign": typeSign}
}

// Stream hands tokens to a grammar. Of a token's position, Offset and Line
// carry the two ends of its span, and Column its index.
func Stream(tokens []Token) (*lexer.PeekingLexer, error) {
	return lexer.Upgrade(&feed{tokens: tokens})
}

type feed struct {
	tokens []Token
	pos    int
}

// Next is the next token, or EOF after the last.
func (f *feed) Next() (lexer.Token, error) {
	i := f.pos
	if i >= len(f.tokens) {
		at := source.Span{}
		if i > 0 {
			at = f.tokens[i-1].Span
		}
		return lexer.Token{Type: typeEOF, Pos: position(at, i)}, nil
	}
	f.pos++
	t := f.tokens[i]
	kind := typeSign
	switch {
	case t.Dynamic:
		kind = typeDyn
	case t.Kind == Word:
		kind = typeWord
	case t.Kind == String:
		kind = typeString
	}
	return lexer.Token{Type: kind, Value: t.Text, Pos: position(t.Span, i)}, nil
}

func position(s source.Span, index int) lexer.Position {
	return lexer.Position{Offset: s.Start, Line: s.End, Column: index}
}

// Text is one word or string as it was written: the leaf that all other
// leaves are made from. It converts nothing while parsing.
type Text struct {
	Span source.Span
	// Value is the text without quotes and escapes.
	Value string
	// Quoted is set for strings.
	Quoted bool
	// Dynamic is set while the text holds "$" interpolations; nothing can be
	// said of it then.
	Dynamic bool
}

// At is the place of the text.
func (t Text) At() source.Span { return t.Span }

// IsZero reports whether the leaf is absent.
func (t Text) IsZero() bool { return t == Text{} }

// Parse takes one word or string; participle calls it.
func (t *Text) Parse(lex *lexer.PeekingLexer) error {
	return t.take(lex, func(string) bool { return true })
}

// take takes the next token when it is a word or string whose text fits.
// A dynamic word fits everywhere.
func (t *Text) take(lex *lexer.PeekingLexer, fits func(string) bool) error {
	tok := lex.Peek()
	switch tok.Type {
	case typeWord:
		if !fits(tok.Value) {
			return participle.NextMatch
		}
	case typeString, typeDyn:
	default:
		return participle.NextMatch
	}
	lex.Next()
	*t = textOf(tok)
	return nil
}

func textOf(tok *lexer.Token) Text {
	t := Text{Span: source.Span{Start: tok.Pos.Offset, End: tok.Pos.Line}, Value: tok.Value,
		Quoted: tok.Type == typeString, Dynamic: tok.Type == typeDyn}
	if t.Quoted {
		t.Value = unquote(tok.Value)
	}
	return t
}

// Leaf is a typed word. Problem says why the word is none of its type, or nil.
type Leaf interface {
	Completer
	At() source.Span
	Problem() *diag.Diagnostic
}

// Rest is all the words up to the end of the statement: a command line. Words and
// strings that touch are one word.
type Rest struct{ Words []Text }

// Parse takes all that is left; signs are taken as words.
func (r *Rest) Parse(lex *lexer.PeekingLexer) error {
	for {
		tok := lex.Peek()
		if tok.EOF() {
			break
		}
		lex.Next()
		r.add(textOf(tok))
	}
	if len(r.Words) == 0 {
		return participle.NextMatch
	}
	return nil
}

// Completes implements [Completer].
func (Rest) Completes() []Completion { return []Completion{Nothing} }

func (r *Rest) add(t Text) {
	n := len(r.Words)
	if n == 0 || r.Words[n-1].Span.End != t.Span.Start {
		r.Words = append(r.Words, t)
		return
	}
	w := &r.Words[n-1]
	w.Span.End, w.Value = t.Span.End, w.Value+t.Value
	w.Quoted, w.Dynamic = w.Quoted || t.Quoted, w.Dynamic || t.Dynamic
}

// At is the place of all the words.
func (r Rest) At() source.Span {
	var s source.Span
	for _, w := range r.Words {
		s = s.To(w.Span)
	}
	return s
}

// Argv are the values of the words.
func (r Rest) Argv() []string {
	argv := make([]string, len(r.Words))
	for i, w := range r.Words {
		argv[i] = w.Value
	}
	return argv
}

// Keyword is a word of the grammar whose place is wanted; grammars look ahead
// for it: (?= 'noaddr') @@.
type Keyword struct{ Text }

// Parse takes one word.
func (k *Keyword) Parse(lex *lexer.PeekingLexer) error { return k.Text.Parse(lex) }

// Completes implements [Completer].
func (Keyword) Completes() []Completion { return []Completion{Nothing} }
