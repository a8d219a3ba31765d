//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func applyCommand() *cobra.Command {
	var o runOptions
	var dry bool
	c := &cobra.Command{
		Use:   "apply FILE LAB [-- ARGUMENT…]",
		Short: "make a running lab what a script says",
		Long: `Changes what differs between the running lab LAB and the script FILE, and nothing else: cables,
services and programs that both have stay as they are, and so does what goes through
them. Either all is changed or nothing. Then the expectations of the script are asked.
From then on, the script is the one that nsl diff LAB compares with.

  nsl apply lab.nsl lab --dry-run
  nsl apply lab.nsl lab

--dry-run only prints the statements that would be run. Programs that the script runs to
build are not run again.

Exit codes: 0 all expectations held, 1 one failed, 2 the script is wrong or there is no
such lab, 3 this machine cannot do it, 130 interrupted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, o.Script.Args = args[:n], args[n:]
			}
			return done(setup().Apply(args[0], args[1], dry, lab.ScriptOptions(o)))
		},
		ValidArgsFunction: completeDiff,
	}
	o.statementFlags(c)
	c.Flags().BoolVar(&dry, "dry-run", false, "print the statements, and change nothing")
	return c
}
