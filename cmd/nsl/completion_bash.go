package main

import (
	"io"

	"github.com/spf13/cobra"

	"nsl/lang/complete"
)

// standalone makes the script for bash work where the package bash-completion,
// two of whose functions it calls, is not installed. There they replace these.
func standalone(bash *cobra.Command) {
	script := bash.RunE
	bash.RunE = func(c *cobra.Command, args []string) error {
		if _, err := io.WriteString(c.OutOrStdout(), complete.BashFunctions); err != nil {
			return err
		}
		return script(c, args)
	}
}
