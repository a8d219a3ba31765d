//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func trustCommand() *cobra.Command {
	var forget string
	c := &cobra.Command{
		Use:   "trust [--list | --forget FILE]",
		Short: "list what scripts get because you agreed, or forget it",
		Long: `A script may ask for files, programs and variables of yours (grant, at its top). On a
terminal nsl run, test and up ask you, and remember that you agreed until the script or a
module of it changes, or is moved. --list (the default) lists these scripts with what they
get; --forget FILE makes nsl ask again.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if forget != "" {
				return ended(0, lab.Forget(forget))
			}
			return ended(0, lab.Agreed(c.OutOrStdout()))
		},
	}
	c.Flags().Bool("list", true, "list the scripts and what they get")
	c.Flags().StringVar(&forget, "forget", "", "forget what was agreed to about this script")
	return c
}
