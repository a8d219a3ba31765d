package main

import (
	"bytes"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/explain"
	"nsl/lang/script"
)

func explainCommand() *cobra.Command {
	var o script.Options
	c := &cobra.Command{
		Use:   "explain FILE",
		Short: "print the iproute2, nft and sysctl commands that build the same network",
		Long: `The output is a shell script: each group of commands follows its statement, which
is a comment. Nothing is run or changed.`,
		RunE: func(_ *cobra.Command, args []string) error { return done(explainScript(args[0], o)) },
	}
	scriptFlags(c, &o)
	return c
}

func explainScript(name string, o script.Options) int {
	l := language()
	set, err := l.Read([]string{name}, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	var out bytes.Buffer
	_, list := l.Check(set, set.Files()[0], o.Run(), explain.Walk(&out))
	if len(list) > 0 {
		fail(set, list)
	}
	if list.HasErrors() {
		return list.ExitCode()
	}
	_, err = os.Stdout.Write(out.Bytes())
	return fail(set, err)
}
