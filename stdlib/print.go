package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// printWords are the words of print, for completion and near misses; package eval
// reads the statement.
type printWords struct {
	Values syntax.Rest `parser:"'print' @@"`
}

func printVerb() *verb.Verb {
	return verb.Define[printWords](verb.Spec{
		Name: "print", Group: verb.Looking, Summary: "write a line",
		Usage: []string{"print EXPRESSION…"},
		Doc: `The values are written with one blank between them. Without any the line is
empty.`,
		Examples: []verb.Example{
			{Note: "Text, a value, a calculation.", Code: "let n = 4\nprint \"there are $n nodes\"\nprint \"and\" ${n*(n-1)} \"pairs\"\n"},
		},
		ParseStatement: eval.ParsePrint,
	})
}
