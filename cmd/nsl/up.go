//go:build linux && !nolabs

package main

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"

	"nsl/runtime/lab"
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
		RunE: func(_ *cobra.Command, args []string) error {
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
	scripts, err := checkAll(set, o.Run)
	if err != nil {
		return fail(set, err)
	}
	name := cmp.Or(o.Name, lab.NameOf(file))
	code, running, err := setup().Up(name, lab.NewJob(scripts[0], o.Run.Verbose), o.Run.Access, o.Keep)
	if err == nil && running {
		err = lab.Present(os.Stdout, name, code)
	}
	if err != nil {
		return fail(nil, err)
	}
	return code
}
