// Package syntax turns text into statements: the lexer, the statement
// splitter, and the typed leaves that the grammars of verbs are made of.
//
// Parsing has two steps, so that one bad line costs one line: the text is
// split into statements here, and each statement is then parsed by the grammar
// of its own verb (package verb). Words stay unconverted until they are used.
package syntax

import (
	"strings"

	"nsl/lang/source"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	// Word is a run of characters; its type is decided where it is used.
	Word Kind = iota + 1
	// String is a quoted string of any of the three forms.
	String
	// Arrow is "->".
	Arrow
	// Cable is "<->".
	Cable
	// ListOpen and ListClose are the "<" and ">" of a list.
	ListOpen
	ListClose
	// ParenOpen and ParenClose are "(" and ")".
	ParenOpen
	ParenClose
	// BlockOpen and BlockClose are "{" and "}".
	BlockOpen
	BlockClose
	// Comma is ",".
	Comma
	// Compare is one of < <= > >=.
	Compare
	// End is the newline or ";" that ends a statement.
	End
	// Comment is "# …" up to the end of its line.
	Comment
	// Foreign is the command line of another program, which is all of its statement.
	Foreign
	// Bad is text that is no token; a diagnostic has been made for it.
	Bad
)

// Token is one piece of a script.
type Token struct {
	Kind Kind
	Span source.Span
	// Text is the source text; after expansion, the value of the word.
	Text string
	// Dynamic is set while the token holds "$" interpolations.
	Dynamic bool
	// Argument is set for the words and strings of a program's command line; those
	// that touch are one argument.
	Argument bool
}

// Value is the token's text without quotes and escapes.
func (t Token) Value() string {
	if t.Kind != String {
		return t.Text
	}
	return unquote(t.Text)
}

// Is reports whether the token is an unquoted word or sign with that text.
func (t Token) Is(text string) bool { return t.Kind != String && t.Text == text }

// unquote takes a complete string literal; a text that is none is returned as it is.
// Of a text of several lines the line endings are "\n", whatever the file has.
func unquote(lit string) string {
	switch {
	case len(lit) >= 6 && strings.HasPrefix(lit, `"""`):
		return Unescape(Dedent(strings.ReplaceAll(lit[3:len(lit)-3], "\r\n", "\n")))
	case len(lit) >= 2 && lit[0] == '"':
		return Unescape(lit[1 : len(lit)-1])
	case len(lit) >= 2 && lit[0] == '\'':
		return lit[1 : len(lit)-1]
	}
	return lit
}

// escapes are the characters that may follow a backslash in "…".
var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`, `\$`, "$")

// Unescape gives the text of what is between "…".
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return escapes.Replace(s)
}

// Dedent removes the line break after the opening quotes and the indentation
// that all lines have in common.
func Dedent(s string) string {
	s = strings.TrimPrefix(s, "\n")
	lines := strings.Split(s, "\n")
	indent := -1
	for i, line := range lines {
		blank := len(line) - len(strings.TrimLeft(line, " \t"))
		if blank == len(line) && i < len(lines)-1 {
			continue
		}
		if indent < 0 || blank < indent {
			indent = blank
		}
	}
	for i, line := range lines {
		lines[i] = line[min(indent, len(line)):]
	}
	return strings.Join(lines, "\n")
}

// Spell is a text as a word of a script, quoted where it must be.
func Spell(s string) string {
	special := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("{}()<>;,\"'#$\\", r) }
	if s == "" || strings.Contains(s, "->") || strings.IndexFunc(s, special) >= 0 {
		return Quote(s)
	}
	return s
}

// Quote spells a text as a "…" string.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "$", `\$`).Replace(s) + `"`
}
