//go:build linux && !nolabs

package main

import (
	"time"

	"github.com/spf13/cobra"

	"nsl/runtime/importing"
)

func importCommand() *cobra.Command {
	var s importing.Script
	var output string
	c := &cobra.Command{
		Use:   "import FILE [-- ARGUMENT…]",
		Short: "write the lab that a shell script builds",
		Long:  importing.Help,
		RunE: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, s.Args = args[:n], args[n:]
			}
			s.File, s.Language = args[0], language()
			return ended(s.Write(c.Context(), output))
		},
	}
	f := c.Flags()
	f.BoolVar(&s.Flat, "flat", false, "write each command as a line of its own")
	f.DurationVar(&s.Timeout, "timeout", 30*time.Second, "how long the script may run")
	f.StringVar(&s.Uplink, "uplink", "", "give the host this interface to the stand-in of the internet: --uplink eth0")
	f.StringVarP(&output, "output", "o", "", "the file for the lab, instead of standard output")
	return c
}
