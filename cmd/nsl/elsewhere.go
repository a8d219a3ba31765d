//go:build !linux || nolabs

package main

import (
	"os"
	"runtime"

	"nsl/lang/diag"

	"github.com/spf13/cobra"
)

func main() { os.Exit(diag.Guard(os.Stderr, func() int { return execute(os.Args[1:]) })) }

// runsLabs adds commands that say where labs run, under the names of those that
// would run them.
func runsLabs(root *cobra.Command, _ *runOptions) {
	for _, name := range []string{"run", "test", "import", "up", "install-service", "do", "diff", "apply", "save", "ls", "exec", "sh", "show", "repl", "logs", "down", "clean", "confirm", "doctor", "trust"} {
		root.AddCommand(&cobra.Command{Use: name, Short: "(on Linux) see nsl help " + name, Long: diag.OnlyLinux("nsl "+name, runtime.GOOS).Help,
			Args: cobra.ArbitraryArgs, DisableFlagParsing: true, RunE: refuse})
	}
	root.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		return refuse(c, args)
	}
}

func refuse(c *cobra.Command, _ []string) error {
	return ended(0, diag.OnlyLinux(c.CommandPath(), runtime.GOOS))
}
