//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/lang/doc"
	"nsl/runtime/lab"
)

func downCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "down LAB… | --all",
		Short: "end running labs",
		Long: `Every program in the lab is ended and nothing of it is left when this command
returns. A lab that does not end in time is killed. Of a dead lab the name is
taken away.`,
		Args: func(_ *cobra.Command, args []string) error {
			if all {
				return doc.Command{Use: "down --all"}.Refuses(args, nil)
			}
			return doc.Command{Use: "down LAB… | --all"}.Refuses(args, func(word string) string { return lab.About(word, args) })
		},
		RunE:              func(_ *cobra.Command, args []string) error { return done(lab.Down(args, all)) },
		ValidArgsFunction: completeLabs,
	}
	c.Flags().BoolVar(&all, "all", false, "all labs of this user")
	return c
}
