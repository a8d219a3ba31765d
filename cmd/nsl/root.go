package main

import (
	"errors"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// execute runs the command line and returns the exit code.
func execute(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.Execute()
	var code result
	switch {
	case err == nil:
		return diag.ExitOK
	case errors.As(err, &code):
		return int(code)
	}
	return fail(nil, usageError(err))
}

func usageError(err error) error {
	if _, ok := diag.FromError(err); ok {
		return err
	}
	return diag.Errorf("", source.Span{}, "%v", err).WithHelp("nsl --help lists the commands")
}

func rootCommand() *cobra.Command {
	var o runOptions
	root := &cobra.Command{
		Use:   "nsl [FILE [ARGUMENT…]]",
		Short: "build and test Linux networks from a small language",
		Long: `nsl runs scripts that read like the whiteboard:

  ns red
  ns blue
  link red<->blue
  expect ping red -> blue

in a private sandbox of this machine's kernel. No root is needed, and nothing
is left when it ends. Without a FILE the script is read from standard input; on a
terminal a prompt opens, where statements are typed.`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	o.flags(root)
	runsLabs(root, &o)
	versionFlag(root)
	root.AddCommand(checkCommand(), fmtCommand(), explainCommand(), versionCommand(), commandsCommand())
	root.SetHelpCommand(helpCommand())
	completes(root)
	return root
}

// commandNames are the subcommands, for near misses.
func commandNames() []string {
	var names []string
	for _, c := range rootCommand().Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}
