package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/terminal"
)

func checkCommand() *cobra.Command {
	var format string
	var o script.Options
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "find what is wrong with scripts, without running them",
		Long: `All findings of all files are reported, also those about functions that nothing
calls and branches that are not taken. Exit codes: 0 nothing is wrong, or there
are only warnings; 2 something is.

--format json is an array of findings for programs of your own, --format sarif a
SARIF 2.1.0 log for code hosts and editors. Both have the edit that a finding
proposes ("did you mean").`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := diag.OneOf("format", format, diag.Formats()); err != nil {
				return err
			}
			return done(checkScripts(args, format, o))
		},
	}
	scriptFlags(c, &o)
	c.Flags().StringVar(&format, "format", "text", "text, json or sarif")
	return c
}

func checkScripts(names []string, format string, o script.Options) int {
	set, err := language().Read(names, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	_, list := language().CheckAll(set, o)
	list = list.Once(set)
	if err := diag.WriteAs(os.Stdout, format, set, list, terminal.Color(os.Stdout), version); err != nil {
		return fail(set, err)
	}
	return list.ExitCode()
}
