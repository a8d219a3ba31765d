package main

import (
	"context"
	"encoding/json"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/sandbox"
)

// runOptions are the flags of run.
type runOptions struct {
	Verbose bool
	Lang    langOptions
}

func (o *runOptions) flags(c *cobra.Command) {
	o.Lang.flags(c)
	c.Flags().BoolVarP(&o.Verbose, "verbose", "v", false, "print under each statement what it did")
}

func runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run [FILE…] [-- ARGUMENT…]",
		Short: "run scripts, each in a sandbox of its own",
		Long: `Each FILE is checked as a whole first; nothing is built when it is wrong. Then it
runs in new user, mount, network and PID namespaces, which end with it.
Without a FILE, or with -, the script is read from standard input. What stands
behind -- are the script's arguments: arg(1), arg(2), ….

Exit codes: 0 all expectations held, 1 one failed, 2 the script is wrong,
3 this machine cannot do it, 130 interrupted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); n >= 0 {
				args, o.Lang.Args = args[:n], args[n:]
			}
			return done(runScripts(args, o))
		},
	}
	o.flags(c)
	return c
}

// The modes of a job.
const (
	modeRun    = "" // run the script
	modeDoctor = "doctor"
	modeTest   = "test" // run the script and tell events
	modePrompt = "prompt"
	modeKeep   = "keep"
)

// job is what the process outside hands to the one inside the sandbox.
type job struct {
	Mode       string
	Name, Text string
	Options    runOptions
	Modules    map[string]string
	// Told are the warnings of the check, which the run does not repeat.
	Told []string
	// Again: the prompt follows a reset.
	Again bool
	// OutColor and ErrColor turn colours on for the two streams.
	OutColor, ErrColor bool
	Test               testJob
}

// runScripts runs the files one after the other; the exit code is that of the
// first that did not end with 0, but a failed expectation stops no later file.
func runScripts(names []string, o runOptions) int {
	if len(names) == 0 {
		names = []string{stdinName}
	}
	set, err := load(names, os.Stdin)
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	checked := sync.OnceValues(func() ([]script, error) { return checkAllAloud(set, o) })
	code := exitHeld
	for i := range names {
		c := runSandboxed(set, o, func() (script, error) {
			scripts, err := checked()
			if err != nil {
				return script{}, err
			}
			return scripts[i], nil
		})
		if code == exitHeld {
			code = c
		}
		if c > exitFailed {
			break
		}
	}
	return code
}

// checkAllAloud checks all files and tells the warnings.
func checkAllAloud(set *source.Set, o runOptions) ([]script, error) {
	scripts, list := checkAll(set, o.Lang.known())
	if err := list.Err(); err != nil {
		return nil, err
	}
	if len(list) > 0 {
		tell(os.Stderr, set, colorOn(os.Stderr), list)
	}
	return scripts, nil
}

// runSandboxed runs a script that is still to be checked: the sandbox is set up
// meanwhile, on another processor.
func runSandboxed(set *source.Set, o runOptions, checked func() (script, error)) int {
	code, err := sandbox.Run(context.Background(), sandbox.Config{Args: []string{"run"},
		Prepare: func() ([]byte, error) {
			sc, err := checked()
			if err != nil {
				return nil, err
			}
			return json.Marshal(runJob(set, sc, o))
		},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	return code
}

// runJob is the job to run a script that was checked.
func runJob(set *source.Set, sc script, o runOptions) job {
	return job{Name: sc.file.Name, Text: sc.file.Text, Options: o, Modules: sc.modules.Texts,
		Told:     told(set, sc.warnings),
		OutColor: colorOn(os.Stdout), ErrColor: colorOn(os.Stderr)}
}

// told names findings, so that the process inside knows them again.
func told(set *source.Set, list diag.List) []string {
	var keys []string
	for _, d := range list {
		keys = append(keys, string(d.Code)+" "+diag.Place(set, d.Subject))
	}
	return keys
}
