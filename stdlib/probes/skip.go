package probes

import (
	"context"
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// skip is the statement skip.
type skip struct {
	Reason syntax.Rest `parser:"'skip' @@"`
}

// Skip is the verb skip.
func Skip() *verb.Verb {
	return verb.Define[skip](verb.Spec{
		Name:    "skip",
		Group:   verb.Expecting,
		Summary: "skip the rest of the test, or of the script, with a reason",
		Usage:   []string{"skip REASON…"},
		Doc: `In a ` + "`test`" + ` the rest of that test is not run, anywhere else the rest of the
script. It is reported as skipped, with the reason, and is not a failure: the exit code
is 0 if all expectations before it held. ` + "`nsl test --no-skip`" + ` makes it a failure.

For what the kernel lacks, ` + "`require kernel netem`" + ` skips by itself.`,
		Examples: []verb.Example{
			{Note: "What follows it is not run.", Code: "ns red\ntest \"the way home\" {\n  skip \"there is no way yet\"\n  expect not ns red\n}\nexpect ns red\n"},
		},
	})
}

// Run ends the test or the script.
func (s *skip) Run(context.Context, *verb.Env) error {
	return &verb.Skip{Reason: strings.Join(s.Reason.Argv(), " "), At: s.Reason.At()}
}
