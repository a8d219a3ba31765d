package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
)

func checkCommand() *cobra.Command {
	var format string
	var o langOptions
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "find what is wrong with scripts, without running them",
		Long: `All findings of all files are reported. Exit codes: 0 nothing is wrong,
2 something is.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return done(checkScripts(args, format, o)) },
	}
	o.flags(c)
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func checkScripts(names []string, format string, o langOptions) int {
	set, err := load(names, os.Stdin)
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	_, list := checkAll(set, o)
	if format == "json" {
		err = diag.WriteJSON(os.Stdout, set, list)
	} else {
		err = diag.Text{Set: set, Color: colorOn(os.Stdout)}.Write(os.Stdout, list)
	}
	if err != nil {
		return tell(os.Stderr, set, false, err)
	}
	return exitCode(list)
}
