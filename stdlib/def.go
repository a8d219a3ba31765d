package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// defWords are the words of def, for completion and near misses; package eval
// reads the statement.
type defWords struct {
	Name syntax.Free `parser:"'def' @@"`
}

func defVerb() *verb.Verb {
	return verb.Define[defWords](verb.Spec{
		Name: "def", Group: verb.Language, Summary: "make a statement of your own",
		Usage: []string{"def NAME(PARAMETER, PARAMETER = DEFAULT) { … }"},
		Doc: `It is called like any other statement, its arguments being words or lists. The
comment right above it is its help text. What it binds with ` + "`let`" + ` stays inside;
the nodes it makes are the lab's.`,
		Examples: []verb.Example{
			{Note: "An office, twice.", Code: "# A switch with its members.\ndef office(name, members, net = auto) {\n  ns $members\n  bridge $name $members $net\n}\noffice sw1 <pc1 pc2>\noffice sw2 <pc3 pc4> 10.2.0.0/24\nexpect ping pc1 -> pc2\nexpect ping pc3 -> 10.2.0.2\n"},
		},
		ParseStatement: eval.ParseDef,
	})
}
