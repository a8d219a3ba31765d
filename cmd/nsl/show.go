//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show LAB [WHAT] [NODE]",
		Short: "print what a running lab has: topology, addresses, routes, …",
		Long: `What follows LAB is that of the statement show: nsl help show lists it. Everything is
read from the kernel at that moment.`,
		RunE: func(_ *cobra.Command, args []string) error {
			return done(lab.Asked(args[0], func(c lab.Client) (int, error) {
				return c.Statement(append([]string{"show"}, args[1:]...)...)
			}))
		},
		ValidArgsFunction: completeShow,
	}
}
