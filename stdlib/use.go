package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// useWords are the words of use, for completion and near misses; package eval
// reads the statement.
type useWords struct {
	Module syntax.Free `parser:"'use' @@"`
}

func useVerb() *verb.Verb {
	return verb.Define[useWords](verb.Spec{
		Name: "use", Group: verb.Language, Summary: "bring in the definitions of a module",
		Usage: []string{`use "FILE"`, "use std/NAME"},
		Doc: `A module is a file that only defines: ` + "`def`, `let` and `use`" + `. A FILE is looked for
beside the file that uses it; ` + "`std/`" + ` is the library inside nsl. A module is read
once, and never in a circle. ` + "`nsl help`" + ` lists the library, ` + "`nsl help std/lan`" + `
explains a module of it.`,
		Examples: []verb.Example{
			{Note: "An office with its router, from the library.", Code: "use std/lan\nlan office <pc1 pc2> 10.1.0.0/24\nexpect ping pc1 -> pc2\nexpect route pc1 -> default via 10.1.0.254\n"},
		},
		ParseStatement: eval.ParseUse,
	})
}
