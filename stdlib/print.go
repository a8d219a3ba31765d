package stdlib

import (
	"context"
	"io"
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Print is the statement print.
type Print struct {
	Words *syntax.Rest `parser:"'print' @@?"`
}

func printVerb() *verb.Verb {
	return verb.Define[Print](verb.Spec{
		Name:    "print",
		Group:   verb.Looking,
		Summary: "write a line",
		Usage:   []string{"print [WORD|\"TEXT\"]…"},
		Doc: `The words and texts are written with one blank between them, and a line end
behind the last. Blanks inside a text in quotes stay as they are. Without words
the line is empty.`,
		Examples: []verb.Example{
			{Note: "A heading for what follows.", Code: "print \"--- before the cable is there\"\nns red blue\nexpect not ping red -> blue\n"},
		},
	})
}

// Run writes the line.
func (p *Print) Run(_ context.Context, env *verb.Env) error {
	var words []string
	if p.Words != nil {
		words = p.Words.Argv()
	}
	_, err := io.WriteString(env.Streams.Out, strings.Join(words, " ")+"\n")
	return err
}
