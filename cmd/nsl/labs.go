//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

// labCommands are those about running labs.
func labCommands() []*cobra.Command {
	list := []*cobra.Command{upCommand(), serviceCommand(), lsCommand(), execCommand(), shCommand(), doCommand(), diffCommand(), applyCommand(), saveCommand(), showCommand(), replCommand(),
		logsCommand(), downCommand(), cleanCommand(), confirmCommand(),
		hiddenCommand(lab.KeeperCommand+" NAME", "keep a lab (started by nsl up)", func(args []string) error { return ended(lab.Keep(args[0])) }),
		hiddenCommand(lab.WatchCommand+" MARK TIME", "take down a lab that is not confirmed (started by nsl up)", func(args []string) error { return done(lab.WatchHost(args[0], args[1])) }),
		hiddenCommand(lab.PromptCommand+" LAB", "be a prompt in this lab (started by nsl repl)", func(args []string) error { return ended(0, setup().PromptIn(args[0])) })}
	counts(list, lab.About)
	return list
}

// hiddenCommand is one that nsl itself types.
func hiddenCommand(use, short string, run func(args []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Hidden: true, RunE: func(_ *cobra.Command, args []string) error { return run(args) }}
}
