package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// forWords are the words of for, for completion and near misses; package eval
// reads the statement.
type forWords struct {
	Name syntax.Free `parser:"'for' @@"`
	In   syntax.Free `parser:"'in' @@"`
}

func forVerb() *verb.Verb {
	return verb.Define[forWords](verb.Spec{
		Name: "for", Group: verb.Language, Summary: "run a block once for each item of a list",
		Usage: []string{"for NAME in A..B { … }", "for NAME in <A B …> { … }", "for NAME in $LIST { … }"},
		Doc:   `The name is known inside the block only. ` + "`1..3`" + ` is 1, 2, 3; ` + "`3..1`" + ` counts down.`,
		Examples: []verb.Example{
			{Note: "Three nodes in a row.", Code: "for i in 1..3 { ns h$i }\nfor i in 1..2 { link h$i <-> h${i+1} }\nexpect ping h1 -> h2\n"},
		},
		ParseStatement: eval.ParseFor,
	})
}
