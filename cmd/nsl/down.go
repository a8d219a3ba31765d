//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/lang/doc"
	"nsl/runtime/lab"
)

func downCommand() *cobra.Command {
	var all, machine bool
	c := &cobra.Command{
		Use:   "down LAB… | --all | --host",
		Short: "end running labs",
		Long: `Every program in the lab is ended and nothing of it is left when this command
returns. A lab that does not end in time is killed. Of a dead lab the name is
taken away. With --host, the lab is that of nsl up --host.`,
		Args: func(_ *cobra.Command, args []string) error {
			if all || machine {
				return doc.Command{Use: "down --all | --host"}.Refuses(args, nil)
			}
			return doc.Command{Use: "down LAB… | --all | --host"}.Refuses(args, func(word string) string { return lab.About(word, args) })
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if machine {
				return done(lab.DownHost())
			}
			return done(lab.Down(args, all))
		},
		ValidArgsFunction: completeLabs,
	}
	c.Flags().BoolVar(&all, "all", false, "all labs of this user")
	c.Flags().BoolVar(&machine, "host", false, "the lab that is on this machine itself, as root")
	return c
}

func cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "undo what a killed nsl up --host has left on the machine",
		Long: `What nsl up --host does to the machine it writes down before, so all of it can be undone,
whenever it was killed: this does so, and may be repeated. What has a name of the lab but is
provably not its own is left alone, and named. A lab that was built stays: nsl down --host ends it.`,
		RunE:              func(*cobra.Command, []string) error { return done(lab.CleanHost()) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}

func confirmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "keep the lab of nsl up --host --confirm",
		Long: `A lab on the machine that was begun with --confirm is taken down after that time, unless you
answer that it is to stay or type this command, for example in another session.`,
		RunE:              func(*cobra.Command, []string) error { return done(lab.ConfirmHost()) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}
