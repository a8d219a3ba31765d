package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/repl"
	"nsl/runtime/sandbox"
	"nsl/stdlib"
)

// exitAgain is what the process inside says when the person wants an empty lab.
const exitAgain = 85

// prompt runs a prompt in a sandbox, and another one after each reset.
func prompt(o runOptions) int {
	for first := true; ; first = false {
		payload, err := json.Marshal(job{Mode: modePrompt, Options: o, Again: !first, OutColor: colorOn(os.Stdout)})
		if err != nil {
			return tell(os.Stderr, nil, false, err)
		}
		code, err := inTerminal(os.Stdin, func() (int, error) {
			return sandbox.Run(context.Background(), sandbox.Config{Args: []string{"prompt"}, Payload: payload,
				Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
		})
		if err != nil {
			return tell(os.Stderr, nil, colorOn(os.Stderr), err)
		}
		if code != exitAgain {
			return code
		}
	}
}

// inTerminal runs f and gives the terminal back as it was, also when what used
// it was killed.
func inTerminal(f *os.File, run func() (int, error)) (int, error) {
	was, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err == nil {
		defer func() { _ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, was) }()
	}
	return run()
}

// promptInside is the prompt in the sandbox.
func promptInside(in *sandbox.Inside, j job) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	world, err := newHost(ctx)
	if err != nil {
		return tell(os.Stderr, nil, j.OutColor, err)
	}
	defer func() { _ = world.Close() }()
	outcome, err := promptOn(ctx, world, promptOptions{lang: j.Options.Lang, color: j.OutColor, path: in.Path, again: j.Again})
	if err != nil {
		return tell(os.Stderr, nil, j.OutColor, err)
	}
	if outcome == repl.Reset {
		return exitAgain
	}
	return exitHeld
}

// newHost opens the kernel world of this network namespace, with the settings
// that every lab begins with. The caller closes it.
func newHost(ctx context.Context) (*kernel.World, error) {
	world, err := kernel.New()
	if err != nil {
		return nil, err
	}
	baseline := plan.Baseline{Node: plan.Host}
	if err := world.Apply(ctx, baseline); err != nil {
		_ = world.Close()
		return nil, diag.List{verb.Refused(source.Span{}, baseline, err)}
	}
	return world, nil
}

// promptOptions are what a prompt on some world differs in.
type promptOptions struct {
	lang  langOptions
	color bool
	// path is how files are reached; nil: by their names.
	path func(string) string
	// again: it follows a reset, and does not greet.
	again bool
	// kept: the lab lives on without the prompt.
	kept bool
	// greeting is what it begins with; "" is what an empty lab begins with.
	greeting string
}

// promptWorld is a world whose nodes can be entered.
type promptWorld interface {
	engine.World
	repl.Lab
	Session(ctx context.Context, node string, p plan.Program, s plan.Streams, watch kernel.Watch) (exit int, err error)
}

// shellIn opens the user's shell in a node, on a terminal of its own.
func shellIn(ctx context.Context, world promptWorld, node string) (int, error) {
	argv, env, err := shellOf("", node, os.Environ())
	if err != nil {
		return 0, err
	}
	return keeper.OnTerminal(os.Stdin, os.Stdout, func(inner *os.File, started func()) (int, error) {
		return world.Session(ctx, node, plan.Program{Argv: argv, Env: env, Terminal: true},
			plan.Streams{In: inner, Out: inner, Err: inner}, kernel.Watch{Started: func(int) { started() }})
	})
}

// promptOn is a conversation about a lab, on this process's terminal.
func promptOn(ctx context.Context, world promptWorld, o promptOptions) (repl.Outcome, error) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	set := &source.Set{}
	s := engine.NewSession(world, stdlib.Table(), nil, verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	m := newModules(set)
	m.path = o.path
	o.lang.known().apply(s.Interp, "prompt", m)
	path := o.path
	if path == nil {
		path = func(name string) string { return name }
	}
	history, err := repl.OpenHistory(historyPath(path))
	if err != nil {
		fmt.Fprintf(os.Stderr, "nsl: the history is not used: %v\n", reason(err))
	}
	options := repl.Options{Session: s, Set: set, Lab: world, In: os.Stdin, Out: os.Stdout, Color: o.color,
		History: history, Interrupts: interrupts, Path: path, RC: rcPath(), Kept: o.kept, Help: promptHelp, Modules: stdlib.StdNames()}
	options.Shell = func(ctx context.Context, node string) (int, error) { return shellIn(ctx, world, node) }
	options.Greeting = o.greeting
	if !o.again && o.greeting == "" {
		options.Greeting = "nsl " + version + ": an empty lab in a sandbox. help explains, Tab completes, Ctrl-D leaves."
	}
	return repl.Run(ctx, options)
}

// promptHelp is the help about statements and commands, as the prompt gives it.
func promptHelp(words []string) (string, error) {
	text, err := helpText(rootCommand(), words)
	return strings.ReplaceAll(text, ": nsl help ", ": help "), err
}

// historyPath is where the lines are kept that were typed: NSL_HISTORY, else a
// file in the user's state directory (XDG Base Directory Specification). It is
// "" when nothing is to be kept.
func historyPath(path func(string) string) string {
	if name, given := os.LookupEnv("NSL_HISTORY"); given {
		if name == "" {
			return ""
		}
		return path(name)
	}
	if dir := userDir("XDG_STATE_HOME", ".local/state"); dir != "" {
		return path(filepath.Join(dir, "nsl", "history"))
	}
	return ""
}

// rcPath is the script that every prompt begins with.
func rcPath() string {
	if dir := userDir("XDG_CONFIG_HOME", ".config"); dir != "" {
		return filepath.Join(dir, "nsl", "rc.nsl")
	}
	return ""
}

// userDir is one of the user's directories; the variable counts only with an
// absolute path.
func userDir(variable, otherwise string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, otherwise)
	}
	return ""
}
