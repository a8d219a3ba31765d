//go:build linux && !nolabs

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/runtime/lab"
	"nsl/runtime/plan"
)

// upOptions are the flags of up.
type upOptions struct {
	Name string
	Keep bool
	Run  runOptions
}

func upCommand() *cobra.Command {
	var o upOptions
	c := &cobra.Command{
		Use:   "up FILE [-- ARGUMENT…]",
		Short: "build a lab that keeps running when this command ends",
		Long: `FILE is checked and run as by nsl run, in a sandbox of its own that keeps running: other
commands, on other terminals too, go into it by its name until nsl down ends it.

  nsl up lab.nsl           build it; it is called lab
  nsl sh lab red           a shell inside the node red
  nsl exec lab red -- CMD  a program there
  nsl show lab             what is there
  nsl down lab             end it

When the script fails, nothing is left; with --keep the lab keeps running with
what was built. No root is needed. The lab sees no other network, and ends with
everything that runs in it, also when its keeper is killed.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n := c.ArgsLenAtDash()
			if n < 0 {
				n = len(args)
			}
			if n != 1 {
				return errors.New("nsl up takes one FILE; script arguments go after --")
			}
			o.Run.Script.Args = args[1:]
			return done(upScript(args[0], o))
		},
		ValidArgsFunction: completeFirst(completeScripts),
	}
	o.Run.flags(c)
	c.Flags().StringVar(&o.Name, "name", "", "name of the lab (default: FILE without its suffix)")
	c.Flags().BoolVar(&o.Keep, "keep", false, "keep the lab when the script fails, to look into it")
	return c
}

// upScript builds a lab and leaves it running.
func upScript(file string, o upOptions) int {
	set, err := language().Read([]string{file}, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	scripts, err := checkAll(set, o.Run.Script)
	if err != nil {
		return fail(set, err)
	}
	name := cmp.Or(o.Name, lab.NameOf(file))
	code, running, err := setup().Up(name, lab.NewJob(scripts[0], o.Run.Verbose), o.Keep)
	if err == nil && running {
		_, err = lab.With(name, func(c lab.Client) (int, error) { return 0, present(c, name, code) })
	}
	if err != nil {
		return fail(nil, err)
	}
	return code
}

// largest is the lab, in nodes, whose drawing fits on a screen.
const largest = 12

// present prints what the lab is now.
func present(c lab.Client, name string, code int) error {
	s, err := c.Status()
	if err != nil {
		return err
	}
	state := "is running"
	if code != diag.ExitOK {
		state = "keeps what was built"
	}
	first := plan.Host
	if len(s.Nodes) > 0 {
		first = s.Nodes[0]
	}
	if len(s.Nodes) > 0 && len(s.Nodes) <= largest {
		if code := withLab(name, func(c lab.Client) (int, error) { return c.Statement("show") }); code != diag.ExitOK {
			return nil
		}
	}
	fmt.Fprintf(os.Stdout, "%s %s: %s\n", name, state, lab.Counted(len(s.Nodes), "node"))
	fmt.Fprintf(os.Stdout, "    a shell in it: nsl sh %s %s\n    take it down:  nsl down %s\n", name, first, name)
	return nil
}
