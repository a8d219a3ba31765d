//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/runtime/lab"
)

func diffCommand() *cobra.Command {
	var o lab.DiffOptions
	c := &cobra.Command{
		Use:   "diff [FILE] LAB",
		Short: "compare a running lab with a script",
		Long: `Prints the statements that make the running lab LAB as the script FILE has it, or,
without FILE, as the script that it was brought up with. What was changed by hand or by
programs is found, too: the state is the kernel's. The script is planned, not run, and
nothing is changed.

  nsl diff lab
  nsl diff lab | nsl do lab
  nsl diff other.nsl lab --ignore service --ignore 'route:h*' --format json

Kinds of differences: ns, link, addr, sysctl, route, rule, neigh, filter, name, service.
Hardware addresses count where the script has them, and a program that has ended counts
as one that runs.

Exit codes: 0 nothing differs, 1 something does, 2 the script is wrong or there is
no such lab, 3 this machine cannot do it.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := diag.OneOf("format", o.Format, []string{"text", "json"}); err != nil {
				return err
			}
			return done(setup().Diff(args, o))
		},
		ValidArgsFunction: completeDiff,
	}
	scriptFlags(c, &o.Script)
	f := c.Flags()
	f.StringVar(&o.Format, "format", "text", "text or json")
	f.BoolVar(&o.Commands, "commands", false, "print ip, nft and sysctl commands instead of statements")
	f.StringArrayVar(&o.Ignore, "ignore", nil, "leave out differences: KIND, or KIND:PATTERN of nodes and interfaces")
	return c
}
