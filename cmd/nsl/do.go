//go:build linux && !nolabs

package main

import (
	"slices"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/lab"
)

func doCommand() *cobra.Command {
	var o runOptions
	var format string
	c := &cobra.Command{
		Use:   "do LAB [FILE] [-- ARGUMENT…]",
		Short: "run statements in a running lab, without a terminal",
		Long: `The statements of FILE change the lab and ask about it; without a FILE, or with -,
they are read from standard input. Nothing is run if one of them cannot be right in
any lab. A statement that fails is undone and ends the script; those before it
remain. The lab keeps running.

  echo 'expect ping red -> blue' | nsl do rooms
  nsl do rooms broken.nsl --format json

--format json writes JSON lines, as nsl test does: for each statement what it made
and the commands that do the same, each verdict and each finding (docs/report.md).

Exit codes: 0 all expectations held, 1 one failed, 2 a statement is wrong,
3 this machine cannot do it, 130 interrupted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := diag.OneOf("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, o.Script.Args = args[:n], args[n:]
			}
			return done(setup().DoFile(args[0], slices.Concat(args[1:], []string{script.Stdin})[0], format == "json", lab.ScriptOptions(o)))
		},
		ValidArgsFunction: completeDo,
	}
	o.statementFlags(c)
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}
