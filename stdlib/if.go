package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// ifWords are the words of if, for completion and near misses; package eval
// reads the statement.
type ifWords struct {
	Condition syntax.Free `parser:"'if' @@ ('else' 'if')?"`
}

func ifVerb() *verb.Verb {
	return verb.Define[ifWords](verb.Spec{
		Name: "if", Group: verb.Language, Summary: "run a block when a condition holds",
		Usage: []string{"if CONDITION { … }", "if CONDITION { … } else if CONDITION { … } else { … }"},
		Doc: `A condition is true or false: ` + "`==` `!=` `<` `<=` `>` `>=` `in` `and` `or` `not`" + `.
` + "`else`" + ` stands on the line of the closing brace.`,
		Examples: []verb.Example{
			{Note: "A size that is chosen outside.", Code: "let n = 2\nif $n > 1 { ns red blue } else { ns red }\nexpect ns blue\n"},
		},
		ParseStatement: eval.ParseIf,
	})
}
