package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// letWords are the words of let, for completion and near misses; package eval
// reads the statement.
type letWords struct {
	Name syntax.Free `parser:"'let' @@"`
}

func letVerb() *verb.Verb {
	return verb.Define[letWords](verb.Spec{
		Name: "let", Group: verb.Language, Summary: "bind a name to a value",
		Usage: []string{"let NAME = EXPRESSION"},
		Doc: `The value is read with ` + "`$name`" + `, or ` + "`${…}`" + ` with an expression inside, in any
word: ` + "`h$i`, `10.0.$i.1/24`, `h${i+1}:eth0`" + `. Binding a name again in the same block
changes it; in an inner block it makes a new one there.

A word has the type of its shape: ` + "`5`" + ` is a number, ` + "`10ms`" + ` a duration, ` + "`1gbit`" + ` a
rate, ` + "`10.0.0.0/24`" + ` a prefix, ` + "`1..5`" + ` and ` + "`<a b>`" + ` are lists, the rest is text.
Operators stand between blanks: ` + "`$n * 2 + 1`" + `; inside ` + "`${…}`" + ` they need none, and
names need no ` + "`$`" + `.

` + "`nsl run lab.nsl --set n=50`" + ` gives a name of the script's outermost block another
value.`,
		Examples: []verb.Example{
			{Note: "A subnet and what is in it.", Code: "let net = 10.1.0.0/24\nns red blue\nlink red <-> blue $net\nexpect addr red ${host(net, 1)}/24\nexpect ping red -> ${host(net, 2)}\n"},
			{Note: "Units add and compare.", Code: "let limit = 10ms + 5ms\nif $limit < 1s { print \"limit is\" $limit }\n"},
		},
		ParseStatement: eval.ParseLet,
	})
}
