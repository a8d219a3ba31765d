package lab

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/repl"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// exitAgain is the exit code of a prompt whose person wants an empty lab.
const exitAgain = 85

// promptJob is what the prompt in the sandbox needs.
type promptJob struct {
	Options script.Options
	// Again: the prompt follows a reset.
	Again bool
}

// Prompt runs a prompt in a sandbox, and another one after each reset. It returns
// the exit code.
func Prompt(o script.Options) (int, error) {
	for first := true; ; first = false {
		code, err := terminal.Restored(os.Stdin, func() (int, error) {
			return inSandbox(promptJob{Options: o, Again: !first}, modePrompt)
		})
		if err != nil || code != exitAgain {
			return code, err
		}
	}
}

func (s Setup) promptInside(ctx context.Context, in *sandbox.Inside) (int, error) {
	j, err := payload[promptJob](in)
	if err != nil {
		return 0, err
	}
	world, err := Open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = world.Close() }()
	p := prompt{Setup: s, script: j.Options, path: in.Path}
	if !j.Again {
		p.greeting = "nsl " + s.Version + ": an empty lab in a sandbox. help explains, Tab completes, Ctrl-D leaves."
	}
	outcome, err := p.on(ctx, promptedWorld{world})
	if outcome == repl.Reset {
		return exitAgain, err
	}
	return diag.ExitOK, err
}

// prompt is a prompt that is to be opened.
type prompt struct {
	Setup
	script script.Options
	// path is the name by which a file is reached.
	path func(string) string
	// running: the lab keeps running without the prompt.
	running  bool
	greeting string
}

// promptWorld is a world whose nodes can be entered.
type promptWorld interface {
	engine.World
	repl.Lab
	// Shell opens the user's shell in a node, on a terminal of its own.
	Shell(ctx context.Context, name string) (exit int, err error)
}

// on is a conversation about a lab, on this process's terminal.
func (p prompt) on(ctx context.Context, world promptWorld) (repl.Outcome, error) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	set := &source.Set{}
	s := engine.NewSession(world, p.Table, nil, verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	s.Terminal = true
	p.script.Run().Apply(s.Interp, "prompt", p.ModulesAt(set, p.path))
	history, err := repl.OpenHistory(historyPath(p.path))
	if err != nil {
		fmt.Fprintf(os.Stderr, "nsl: the history is not used: %v\n", script.Reason(err))
	}
	return repl.Run(ctx, repl.Options{Session: s, Set: set, Lab: world, In: os.Stdin, Out: os.Stdout, Color: terminal.Color(os.Stdout),
		History: history, Interrupts: interrupts, Path: p.path, RC: rcPath(), Running: p.running, Help: p.help, Modules: p.ModuleNames(),
		Shell:    world.Shell,
		Greeting: p.greeting})
}

// help is the help about statements and commands, as the prompt gives it.
func (p prompt) help(words []string) (string, error) {
	text, err := p.Help(words)
	return strings.ReplaceAll(text, ": nsl help ", ": help "), err
}
