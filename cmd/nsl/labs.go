//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

// labCommands are those about running labs.
func labCommands() []*cobra.Command {
	list := []*cobra.Command{upCommand(), lsCommand(), execCommand(), shCommand(), doCommand(), diffCommand(), applyCommand(), saveCommand(), showCommand(), replCommand(),
		logsCommand(), downCommand(), cleanCommand(), confirmCommand(), keeperCommand(), watchCommand(), insidePromptCommand()}
	counts(list, lab.About)
	return list
}

// watchCommand is the command of the process that takes down what is not confirmed.
func watchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    lab.WatchCommand + " MARK TIME",
		Short:  "take down a lab that is not confirmed (started by nsl up)",
		Hidden: true,
		RunE:   func(_ *cobra.Command, args []string) error { return done(lab.WatchHost(args[0], args[1])) },
	}
}

// keeperCommand is the command of the process that keeps a running lab.
func keeperCommand() *cobra.Command {
	return &cobra.Command{
		Use:    lab.KeeperCommand + " NAME",
		Short:  "keep a lab (started by nsl up)",
		Hidden: true,
		RunE:   func(_ *cobra.Command, args []string) error { return ended(lab.Keep(args[0])) },
	}
}
