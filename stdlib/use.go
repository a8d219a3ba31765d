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
once, and never in a circle.`,
		ParseStatement: eval.ParseUse,
	})
}
