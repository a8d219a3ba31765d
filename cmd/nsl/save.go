//go:build linux && !nolabs

package main

import "github.com/spf13/cobra"

func saveCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "save LAB",
		Short: "write a script that makes what a running lab has",
		Long: `The script is made from the state of the kernel and of nsl's servers, whoever made it: a
script, a shell, a program. Its statements are as short as they can be: link, bridge, nat and
publish with all that they do, addresses left out where they come out the same. What no
statement makes, such as tables of iptables, is a comment.

  nsl save lab > again.nsl
  nsl diff again.nsl lab       # nothing`,
		RunE:              func(_ *cobra.Command, args []string) error { return done(setup().Save(args[0], output)) },
		ValidArgsFunction: completeFirst(completeLabs),
	}
	c.Flags().StringVarP(&output, "output", "o", "", "the file to write; an existing one is overwritten")
	return c
}
