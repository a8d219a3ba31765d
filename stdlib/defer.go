package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// deferWords are the words of defer, for completion and near misses; package eval
// reads the statement.
type deferWords struct {
	Statement syntax.Rest `parser:"'defer' @@"`
}

func deferVerb() *verb.Verb {
	return verb.Define[deferWords](verb.Spec{
		Name: "defer", Group: verb.Language, Summary: "run a statement when the block ends",
		Usage: []string{"defer STATEMENT"},
		Doc: `It runs when the enclosing block ends, or the script, even when that ends with an
error. The last one deferred runs first.`,
		Examples: []verb.Example{
			{Note: "Tidy up in any case.", Code: "ns red blue\nlink red <-> blue\nif true {\n  down red\n  defer up red\n  expect not ping blue -> red\n}\nexpect ping blue -> red\n"},
		},
		ParseStatement: eval.ParseDefer,
	})
}
