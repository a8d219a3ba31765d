//go:build linux && !nolabs

package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/lab"
	"nsl/runtime/terminal"
)

func replCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "repl [LAB]",
		Short: "open a prompt, in a running lab or in an empty one",
		Long: `With LAB the prompt is in that lab: what is typed changes it, others who use it see
it at once, and it keeps running when the prompt is left. Several prompts may be in one lab;
undo undoes what was typed at this one. Without LAB it is the prompt of nsl: an
empty lab, which ends with it.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return ended(lab.Prompt(o.Script, o.Access))
			}
			return done(promptIn(args[0]))
		},
		ValidArgsFunction: completeFirst(completeLabs),
	}
	o.flags(c)
	return c
}

// promptIn opens a prompt in a running lab.
func promptIn(name string) int {
	if !terminal.Is(os.Stdin) || !terminal.Is(os.Stdout) {
		err := diag.Errorf("", source.Span{}, "nsl repl %s: a prompt needs a terminal", name)
		return fail(nil, err.WithHelp("a program in a node: nsl exec %s NODE -- COMMAND", name))
	}
	return lab.Asked(name, lab.Client.Prompt)
}
