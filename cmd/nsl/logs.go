//go:build linux && !nolabs

package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
)

func logsCommand() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use:   "logs LAB",
		Short: "print what a lab has written down",
		Long: `The log has what its script printed, the programs that were run in it with their
exit codes, and why it ended without nsl down. The log of a dead lab is
kept until nsl down. Of a log beyond 4 MiB the beginning is dropped.`,
		RunE:              func(_ *cobra.Command, args []string) error { return ended(0, printLog(args[0], follow)) },
		ValidArgsFunction: completeFirst(completeLabs),
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the lab ends")
	return c
}

func printLog(name string, follow bool) error {
	return keeper.In(func(dir *keeper.Dir) error {
		l, err := dir.Lab(name)
		if err != nil {
			return err
		}
		return l.Log(os.Stdout, follow)
	})
}
