package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// testWords are the words of test, for completion and near misses; package eval
// reads the statement.
type testWords struct {
	Name syntax.Free `parser:"'test' @@"`
}

func testVerb() *verb.Verb {
	return verb.Define[testWords](verb.Spec{
		Name: "test", Group: verb.Expecting, Summary: "a named group whose changes are undone when it ends",
		Usage: []string{`test "NAME" { … }`},
		Doc: `What the statements in it changed is as before when it ends, whether its
expectations held or not: an interface taken down is up again with its addresses
and routes, an added route or rule is gone. A node cannot be deleted in a test,
for it could not be given back. What programs did is not undone.`,
		Examples: []verb.Example{
			{Note: "A failure that leaves no traces.", Code: "ns red blue\nlink red <-> blue\ntest \"no cable, no ping\" {\n  down red:veth-red\n  expect not ping red -> blue\n}\nexpect ping red -> blue\n"},
		},
		ParseStatement: eval.ParseTest,
	})
}
