package main

import (
	"github.com/spf13/cobra"

	"nsl/lang/lsp"
)

func lspCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: "serve an editor: the Language Server Protocol on standard input and output",
		Long: `The editor starts it; docs/editors.md says how to set it up. It shows what nsl check finds
as the script is typed, with completion, help and the commands that each statement does.
Nothing is run, and no file is written.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return ended(0, lsp.ServeStdio(c.Context(), lsp.Config{Language: language(), Version: version}))
		},
	}
}
