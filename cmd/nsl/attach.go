package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

func replCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "repl [LAB]",
		Short: "open a prompt, in a lab that is up or in an empty one",
		Long: `With LAB the prompt is in that lab: what is typed changes it, others who use it see
it at once, and it stays when the prompt is left. Several prompts may be in one lab;
undo takes back what was typed at this one. Without LAB it is the prompt of nsl: an
empty lab, which ends with it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return done(prompt(o))
			}
			return done(attach(args[0]))
		},
		ValidArgsFunction: completeFirst(completeLabs),
	}
	o.flags(c)
	return c
}

// attach opens a prompt in a lab.
func attach(lab string) int {
	if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) {
		err := diag.Errorf("", source.Span{}, "nsl repl %s: a prompt needs a terminal", lab)
		return tell(os.Stderr, nil, colorOn(os.Stderr), err.WithHelp("a program in a node: nsl exec %s NODE -- COMMAND", lab))
	}
	return withLab(lab, func(c *keeper.Conn) (int, error) {
		return c.Run(doPrompt, keeper.Exec{Node: plan.Host, Color: colorOn(os.Stdout)}, os.Stdin, os.Stdout, os.Stderr)
	})
}

// attachedName is the command that a lab starts for a prompt in it.
const attachedName = "attached"

func attachedCommand() *cobra.Command {
	return &cobra.Command{
		Use:    attachedName + " LAB",
		Short:  "be a prompt in this lab (started by nsl repl)",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(_ *cobra.Command, args []string) error { return done(attachedPrompt(args[0])) },
	}
}

// attachedPrompt is the main of a prompt inside a lab that is up.
func attachedPrompt(lab string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	local, err := kernel.New()
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	world := &attached{World: local, lab: lab}
	defer func() { _ = world.Close() }()
	nodes, err := world.Nodes()
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	o := promptOptions{color: colorOn(os.Stdout), kept: true,
		greeting: fmt.Sprintf("the lab %s, %s. help explains, Tab completes, Ctrl-D leaves it as it is.", lab, counted(len(nodes), "node"))}
	o.lang.Limits = eval.DefaultLimits()
	if _, err := promptOn(ctx, world, o); err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	return exitHeld
}
