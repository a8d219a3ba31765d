package main

import (
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/eval"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
)

func showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show LAB [WHAT] [NODE]",
		Short: "print what a lab that is up has: topology, addresses, routes, …",
		Long: `What stands behind LAB is that of the statement show: nsl help show lists it. Everything
is asked from the kernel at that moment.`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(_ *cobra.Command, args []string) error {
			return done(withLab(args[0], showing(args[1:]...)))
		},
		ValidArgsFunction: completeShow,
	}
}

// showing is the statement show in a lab.
func showing(words ...string) func(*keeper.Conn) (int, error) {
	text := strings.TrimSpace("show " + plan.Command(words).String())
	return func(c *keeper.Conn) (int, error) {
		j := job{Name: "show", Text: text + "\n"}
		j.Options.Lang.Limits = eval.DefaultLimits()
		return statements(c, doStatements, j)
	}
}
