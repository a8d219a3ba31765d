//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run [FILE…] [-- ARGUMENT…]",
		Short: "run scripts, each in a sandbox of its own",
		Long: `Each FILE is checked as a whole first; nothing is built when it is wrong. Then it
runs in new user, mount, network and PID namespaces, which end with it.
Without a FILE, or with -, the script is read from standard input. Script
arguments go after --: arg(1), arg(2), ….

Exit codes: 0 all expectations held, 1 one failed, 2 the script is wrong,
3 this machine cannot do it, 130 interrupted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, o.Script.Args = args[:n], args[n:]
			}
			return done(setup().RunFiles(args, lab.ScriptOptions(o)))
		},
	}
	o.flags(c)
	return c
}
