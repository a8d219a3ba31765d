package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/doc"
	"nsl/stdlib"
)

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [WORD…]",
		Short: "explain a statement, a probe, a module, a command or the code of an error",
		Long: `Without a WORD the names of all statements and probes are listed; nsl help all has a
line about each. Each of these explains one subject: nsl help bridge, nsl help expect ping, nsl help std/lan, nsl help run,
nsl help NSL040.`,
		RunE: func(c *cobra.Command, args []string) error {
			text, err := helpText(c.Root(), args)
			if err == nil {
				_, err = fmt.Fprint(c.OutOrStdout(), text)
			}
			return err
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 && strings.HasPrefix(begun, "NSL") {
				return doc.Codes(), cobra.ShellCompDirectiveNoFileComp
			}
			return topics(c.Root(), args), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// helpText is the help about statements and probes and, where none has that
// name, about the library or a command.
func helpText(root *cobra.Command, words []string) (string, error) {
	text, err := doc.Help(stdlib.Table(), words)
	if err == nil {
		text += doc.LibraryList(stdlib.Modules(), words)
		if len(words) == 0 {
			text += "The commands of nsl itself: nsl --help\n"
		}
		if c, rest, found := root.Find(words); found == nil && len(rest) == 0 && c != root {
			text += fmt.Sprintf("\nThe command of that name: nsl %s --help\n", c.Name())
		}
		return text, nil
	}
	if text, found := doc.LibraryHelp(stdlib.Modules(), strings.Join(words, " ")); found {
		return text, nil
	}
	if c, rest, found := root.Find(words); found == nil && len(rest) == 0 && c != root {
		return commandHelp(c), nil
	}
	var u *doc.Unknown
	if errors.As(err, &u) {
		return "", u.Finding(words, topics(root, nil))
	}
	return "", err
}

func commandHelp(c *cobra.Command) string {
	about := c.Long
	if about == "" {
		about = c.Short
	}
	return strings.TrimSpace(about) + "\n\n" + c.UsageString()
}

// topics are the words that may follow: every statement, probe and command,
// and after expect the probes.
func topics(root *cobra.Command, before []string) []string {
	if len(before) > 0 {
		var probes []string
		for _, p := range stdlib.Probes() {
			probes = append(probes, p.Name)
		}
		return probes
	}
	list := append(doc.Topics(stdlib.Table()), doc.LibraryTopics(stdlib.Modules())...)
	for _, c := range root.Commands() {
		if !c.Hidden {
			list = append(list, c.Name())
		}
	}
	return list
}
