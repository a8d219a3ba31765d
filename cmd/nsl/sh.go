//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func shCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sh LAB NODE",
		Short: "open your shell in a node of a running lab",
		Long: `The shell is that of $SHELL, with your own start-up files; its prompt begins with
the names of lab and node. It ends with exit or Ctrl-D; the lab keeps running.`,
		RunE: func(_ *cobra.Command, args []string) error {
			return done(lab.Asked(args[0], func(c lab.Client) (int, error) { return c.Exec(args[1]) }))
		},
		ValidArgsFunction: completeNode,
	}
}
