//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func execCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec LAB NODE -- COMMAND…",
		Short: "run a program in a node of a running lab",
		Long: `The program sees the node's network and nothing else of any network; files are
your own, but for /tmp and /run. Its input and output are this command's, and so
is its exit code. On a terminal it gets one of its own: Ctrl-C, Ctrl-Z and the
size of the window are the program's.

When this command is killed the program ends too; what it left running in the
background stays in the lab.`,
		RunE: func(_ *cobra.Command, args []string) error {
			return done(lab.Asked(args[0], func(c lab.Client) (int, error) { return c.Exec(args[1], command(args)...) }))
		},
		ValidArgsFunction: completeNode,
	}
	// The flags after LAB are the program's.
	c.Flags().SetInterspersed(false)
	return c
}

// command is what follows lab and node, with -- or without.
func command(args []string) []string {
	args = args[min(len(args), 2):]
	if len(args) > 0 && args[0] == "--" {
		return args[1:]
	}
	return args
}
