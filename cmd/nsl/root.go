package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
)

// execute runs the command line and returns the exit code.
func execute(args []string) int {
	root := rootCommand()
	root.SetArgs(script.JoinGrants(args))
	var unwritten error
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { _, unwritten = fmt.Fprint(c.OutOrStdout(), commandHelp(c)) })
	err := cmp.Or(root.Execute(), unwritten)
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
	if written := (*fs.PathError)(nil); errors.As(err, &written) {
		return diag.Errorf(diag.NoFile, source.Span{}, "cannot write the output: %v", err)
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
	root.AddCommand(checkCommand(), fmtCommand(), explainCommand(), exportCommand(), lspCommand(), versionCommand(), commandsCommand())
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return describeCommand(c).WrongFlag(err) })
	completes(root)
	counts(root.Commands(), func(string, []string) string { return "" })
	return root
}

// counts makes commands refuse fewer or more arguments than their usage has; about says
// what a word of it may be, after the arguments before it.
func counts(commands []*cobra.Command, about func(word string, args []string) string) {
	for _, c := range commands {
		if c.Args != nil {
			continue
		}
		c.Args = func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args = args[:n]
			}
			args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "--" })
			return describeCommand(c).Refuses(args, func(word string) string { return about(word, args) })
		}
	}
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
