package main

import (
	"encoding/json"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nsl/lang/doc"
)

// commandsCommand prints the command line for the generator of the manual pages,
// which cannot import a main package.
func commandsCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "commands",
		Short:  "print the command line as JSON",
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			e := json.NewEncoder(c.OutOrStdout())
			e.SetIndent("", "  ")
			return e.Encode(describeCommand(c.Root()))
		},
	}
}

func describeCommand(c *cobra.Command) doc.Command {
	d := doc.Command{Use: c.Use, Short: c.Short, Long: c.Long}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			d.Flags = append(d.Flags, doc.Flag{Name: f.Name, Short: f.Shorthand, Usage: f.Usage,
				Type: f.Value.Type(), Default: f.DefValue, Bare: f.NoOptDefVal})
		}
	})
	for _, sub := range c.Commands() {
		// The scripts for the shells are one matter, and one page.
		if sub.IsAvailableCommand() && c.Name() != "completion" {
			d.Commands = append(d.Commands, describeCommand(sub))
		}
	}
	return d
}
