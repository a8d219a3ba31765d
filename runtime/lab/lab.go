// Package lab runs labs: a script from its first statement to its last, a prompt,
// and a running lab, one that outlives the command that built it.
//
//	Run, Test   a script in a sandbox that ends with it
//	Prompt      statements that a person types, likewise
//	Up          a script in a sandbox that keeps running; Keep is the process outside
//	Client      asks a running lab: statements, programs, a prompt, its state
//
// The process in the sandbox is this binary, whose main calls Inside.
package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/outside"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// Setup is what the program that runs labs brings along.
type Setup struct {
	script.Language
	// Version is this program's.
	Version string
	// Help is the help about statements and commands, for the prompt.
	Help func(words []string) (string, error)
}

// Job is a script to run, as it is handed to the process that runs it.
type Job struct {
	script.Script
	// Verbose prints after each statement what it did.
	Verbose bool
	// OutColor and ErrColor turn on colours in the two streams.
	OutColor, ErrColor bool
}

// NewJob is a job whose streams are this process's.
func NewJob(s script.Script, verbose bool) Job {
	return Job{Script: s, Verbose: verbose, OutColor: terminal.Color(os.Stdout), ErrColor: terminal.Color(os.Stderr)}
}

// The first argument of the process inside names its work.
const (
	modeRun    = "run"
	modeTest   = "test"
	modePrompt = "prompt"
	modeKeep   = "keep"
)

// Inside is main in the sandbox. It returns the exit code.
func (s Setup) Inside(in *sandbox.Inside) int {
	return said(diag.Guard(os.Stderr, func() int { return s.work(in) }))
}

func (s Setup) work(in *sandbox.Inside) int {
	work := map[string]func(context.Context, *sandbox.Inside) (int, error){
		modeRun: s.runInside, modeTest: s.testInside, modePrompt: s.promptInside, modeKeep: s.keepInside,
	}[os.Args[1]]
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGHUP}
	if os.Args[1] != modePrompt { // where Ctrl-C ends a statement
		signals = append(signals, os.Interrupt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	// Whoever read the output may have gone: the lab goes on, and its verdict counts. Ignored,
	// the signal would be so in the lab's programs, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code, err := work(ctx, in)
	if err != nil {
		return diag.Report(os.Stderr, nil, terminal.Color(os.Stderr), err)
	}
	return code
}

// payload reads what the process outside handed over.
func payload[T any](in *sandbox.Inside) (v T, err error) {
	if err := json.Unmarshal(in.Payload, &v); err != nil {
		return v, fmt.Errorf("payload: %w", err)
	}
	return v, nil
}

// inSandbox does work in a sandbox with this process's streams.
func inSandbox(a script.Access, person *outside.Person, payload any, args ...string) (int, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return 0, err
	}
	c, err := config(a, "", args...)
	if err != nil {
		return 0, err
	}
	c.Payload, c.Person = text, person
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return crashed(sandbox.Run(context.Background(), c))
}
