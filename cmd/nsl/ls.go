//go:build linux && !nolabs

package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func lsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "list the running labs",
		Long: `Of each lab of this user: its name, the number of its nodes, of the programs that
clients run in it, how long it has been running, and its script. A lab whose keeper
was killed is gone; its name is listed as dead until nsl down takes it away.`,
		RunE:              func(*cobra.Command, []string) error { return ended(0, lab.List(os.Stdout)) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}
