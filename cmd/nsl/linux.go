//go:build linux && !nolabs

package main

import (
	"context"
	"os"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/doctor"
	"nsl/runtime/importing"
	"nsl/runtime/lab"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// The main thread must never be one that enters a namespace and cannot leave:
// Go can end every thread but this one, and /proc/self is its view.
func init() { runtime.LockOSThread() }

func main() {
	if sandbox.IsChild() {
		known := sync.OnceValue(language)
		sandbox.Child(func() { known() }, func(in *sandbox.Inside, err error) int { return inside(known(), in, err) })
	}
	if importing.IsTool() {
		os.Exit(importing.Tool())
	}
	os.Exit(diag.Guard(os.Stderr, func() int { return execute(os.Args[1:]) }))
}

// inside is main in a sandbox.
func inside(known script.Language, in *sandbox.Inside, err error) int {
	switch {
	case err != nil:
		return fail(nil, err)
	case os.Args[1] == doctor.Mode:
		return fail(nil, doctor.Inside(context.Background()))
	case os.Args[1] == importing.Mode:
		return fail(nil, importing.Inside(context.Background(), known, in))
	}
	return setupOf(known).Inside(in)
}

// setup is what this program brings along to labs.
func setup() lab.Setup { return setupOf(language()) }

func setupOf(known script.Language) lab.Setup {
	return lab.Setup{Language: known, Version: version,
		Help: func(words []string) (string, error) { return helpText(rootCommand(), words) }}
}

// runsLabs adds the commands that run labs: to root, which runs a script itself.
func runsLabs(root *cobra.Command, o *runOptions) {
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return sandbox.Descriptors() }
	root.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 && terminal.Is(os.Stdin) {
			if !terminal.Is(os.Stdout) {
				return c.Help()
			}
			return ended(lab.Prompt(o.Script, o.Access))
		}
		if len(args) > 0 {
			args, o.Script.Args = args[:1], args[1:]
		}
		return done(setup().RunFiles(args, lab.ScriptOptions(*o)))
	}
	root.AddCommand(runCommand(), testCommand(), importCommand(), doctorCommand(), trustCommand())
	root.AddCommand(labCommands()...)
}
