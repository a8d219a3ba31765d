package eval

import (
	"context"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Print is print EXPR….
type Print struct{ Values []Expr }

// printWords are the words of print, for completion and near misses.
type printWords struct {
	Values syntax.Rest `parser:"'print' @@"`
}

// PrintVerb is the statement print.
func PrintVerb() *verb.Verb {
	return verb.Define[printWords](verb.Spec{
		Name: "print", Also: []string{"echo", "puts", "printf", "log"}, Group: verb.Looking, Summary: "write a line",
		Usage: []string{"print EXPRESSION…"},
		Doc: `The values are written with one blank between them. Without any the line is
empty.`,
		Examples: []verb.Example{
			{Note: "Text, a value, a calculation.", Code: "let n = 4\nprint \"there are $n nodes\"\nprint \"and\" ${n*(n-1)} \"pairs\"\n"},
		},
		ParseStatement: parsePrint,
	})
}

// parsePrint reads print.
func parsePrint(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	list, d := ParseAll(st.Head()[1:])
	return &Print{list}, one(d)
}

func (n *Print) run(_ context.Context, in *Interp, _ *syntax.Statement) error {
	words := make([]string, len(n.Values))
	for i, e := range n.Values {
		v, d := in.Eval(e)
		if d != nil {
			return diag.List{d}
		}
		if words[i], d = in.text(e.At(), v); d != nil {
			return diag.List{d}
		}
	}
	if err := in.Host.Settle(); err != nil {
		return err
	}
	in.Host.Print(strings.Join(words, " "))
	return nil
}
