package syntax

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Preset is a kind of access to a network, by its name.
type Preset struct{ Text }

// Presets are the names of all, in the order of the documentation.
func Presets() []string { return []string{"lte", "wifi", "dsl", "satellite", "wan"} }

// Parse takes one word.
func (p *Preset) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (Preset) Completes() []Completion { return []Completion{Words(Presets())} }

// Problem reports what is none.
func (p Preset) Problem() *diag.Diagnostic {
	if slices.Contains(Presets(), p.Value) {
		return nil
	}
	d := diag.Errorf(diag.BadWord, p.Span, "%q is not a kind of access", p.Value)
	return d.WithNearest(p.Value, Presets(), "there are %s", strings.Join(Presets(), ", "))
}

// Side is an end of a cable, before the options that are that end's alone: "red:".
type Side struct{ Text }

// Parse takes a word that ends in a colon.
func (s *Side) Parse(lex *lexer.PeekingLexer) error {
	if lex.Peek().Type == typeDyn {
		return errNextMatch
	}
	return s.take(lex, func(word string) bool { return strings.HasSuffix(word, ":") })
}

// Completes implements [Completer].
func (Side) Completes() []Completion { return []Completion{Nothing} }

// Problem is nil: which ends there are is known to the statement.
func (s Side) Problem() *diag.Diagnostic { return nil }

// End is the end without its colon.
func (s Side) End() string { return strings.TrimSuffix(s.Value, ":") }
