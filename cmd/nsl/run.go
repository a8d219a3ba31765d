//go:build linux && !nolabs

package main

import (
	"os"
	"sync"

	"github.com/spf13/cobra"

	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/lab"
)

func runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run [FILE…] [-- ARGUMENT…]",
		Short: "run scripts, each in a sandbox of its own",
		Long: `Each FILE is checked as a whole first; nothing is built when it is wrong. Then it
runs in new user, mount, network and PID namespaces, which end with it.
Without a FILE, or with -, the script is read from standard input. Script
arguments go after --: arg(1), arg(2), ….

Exit codes: 0 all expectations held, 1 one failed, 2 the script is wrong,
3 this machine cannot do it, 130 interrupted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, o.Script.Args = args[:n], args[n:]
			}
			return done(runScripts(args, o))
		},
	}
	o.flags(c)
	return c
}

// runScripts runs the files one after the other.
func runScripts(names []string, o runOptions) int {
	if len(names) == 0 {
		names = []string{script.Stdin}
	}
	set, err := language().Read(names, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	checked := sync.OnceValues(func() ([]script.Script, error) { return checkAll(set, o) })
	return lab.RunAll(names, o.Access, func(i int) (lab.Job, error) {
		scripts, err := checked()
		if err != nil {
			return lab.Job{}, err
		}
		return lab.NewJob(scripts[i], o.Verbose), nil
	}, func(err error) int { return fail(set, err) })
}

// checkAll checks all files for a run, and reports the warnings.
func checkAll(set *source.Set, o runOptions) ([]script.Script, error) {
	scripts, list := language().CheckAll(set, lab.Options(o.Script, o.Access).Run())
	if err := list.Err(); err != nil {
		return nil, err
	}
	if len(list) > 0 {
		fail(set, list)
	}
	return scripts, nil
}
