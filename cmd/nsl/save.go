//go:build linux && !nolabs

package main

import "github.com/spf13/cobra"

func saveCommand() *cobra.Command {
	var output string
	var machine bool
	c := &cobra.Command{
		Use:   "save [LAB]",
		Short: "write a script that makes what a running lab has, or the machine",
		Long: `The script is made from the state of the kernel and of nsl's servers, whoever made it: a
script, a shell, a program. Its statements are as short as they can be: link, bridge, nat and
publish with all that they do, addresses left out where they come out the same. What no
statement makes, such as tables of iptables, is a comment.

  nsl save lab > again.nsl
  nsl diff again.nsl lab       # nothing

With --from-host it is what the machine has, as Docker or a tutorial left it: the namespaces of
ip netns, and everything else as the host. The network beyond its hardware is a node "outside",
with the gateways' addresses. Only root may read namespaces; nothing is changed.

  sudo nsl save --from-host > broken.nsl`,
		RunE:              func(_ *cobra.Command, args []string) error { return done(setup().Save(args, machine, output)) },
		ValidArgsFunction: completeFirst(completeLabs),
	}
	c.Flags().BoolVar(&machine, "from-host", false, "save what the machine has instead of a lab")
	c.Flags().StringVarP(&output, "output", "o", "", "the file to write; an existing one is overwritten")
	return c
}
