package main

import (
	"bytes"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/explain"
	"nsl/lang/syntax"
	"nsl/runtime/model"
	"nsl/stdlib"
)

func explainCommand() *cobra.Command {
	var o langOptions
	c := &cobra.Command{
		Use:   "explain FILE",
		Short: "print the iproute2, nft and sysctl commands that build the same network",
		Long: `The output is a shell script, each group of commands under the statement that it
stands for. Nothing is run or changed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return done(explainScript(args[0], o)) },
	}
	o.flags(c)
	return c
}

func explainScript(name string, o langOptions) int {
	set, err := load([]string{name}, os.Stdin)
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	var script bytes.Buffer
	tree := syntax.Split(set.Files()[0])
	table := stdlib.Table()
	list := append(o.unbound(table, tree), explain.Script(&script, set, table, tree, model.New(),
		o.known().check(newModules(set)))...)
	if len(list) > 0 {
		tell(os.Stderr, set, colorOn(os.Stderr), list)
	}
	if list.HasErrors() {
		return exitCode(list)
	}
	if _, err := os.Stdout.Write(script.Bytes()); err != nil {
		return tell(os.Stderr, set, false, err)
	}
	return exitHeld
}
