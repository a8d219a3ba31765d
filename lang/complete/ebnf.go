package complete

import (
	"sync"

	"github.com/alecthomas/participle/v2"
)

// The notation in which participle writes grammars. Its package ebnf reads it too, with
// a parser that every process builds when it starts, which takes longer than the rest
// of its start; here it is built when something is completed.

type production struct {
	Name string      `parser:"@Ident '='"`
	Body *expression `parser:"@@ '.'"`
}

type grammar struct {
	Productions []*production `parser:"@@*"`
}

type expression struct {
	Alternatives []*sequence `parser:"@@ ( '|' @@ )*"`
}

type sequence struct {
	Terms []*term `parser:"@@+"`
}

type term struct {
	Name       string `parser:"(   @Ident"`
	Literal    string `parser:"  | @String"`
	Group      *group `parser:"  | @@ )"`
	Repetition string `parser:"@('*' | '+' | '?' | '!')?"`
}

// group is in parentheses; a Look of "!" or "=" is a lookahead, negative or positive.
type group struct {
	Look string      `parser:"'(' ( '?' @('!' | '=') )?"`
	Body *expression `parser:"@@ ')'"`
}

var grammarParser = sync.OnceValue(func() *participle.Parser[grammar] { return participle.MustBuild[grammar]() })
