package lab

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/outside"
	"nsl/runtime/plan"
	"nsl/runtime/repl"
	"nsl/runtime/sandbox"
	"nsl/runtime/state"
	"nsl/runtime/terminal"
)

// exitAgain is the exit code of a prompt whose person wants an empty lab.
const exitAgain = 85

// promptJob is what the prompt in the sandbox needs.
type promptJob struct {
	Options script.Options
	// Again: the prompt follows a reset.
	Again bool
	// History and RC are the person's files of lines that were typed, and of
	// statements to begin with.
	History, RC string
}

// Prompt runs a prompt in a sandbox, and another one after each reset. It returns
// the exit code.
func Prompt(o script.Options, a script.Access) (int, error) {
	warnTrust(a)
	o.Keeps = keeps(a)
	history := openHistory()
	person := &outside.Person{Opens: true, Keep: history.Keep, Suspend: terminal.Suspend}
	for first := true; ; first = false {
		code, err := terminal.Restored(os.Stdin, func() (int, error) {
			return inSandbox(a, person, promptJob{Options: o, Again: !first, History: historyPath(), RC: rcPath()}, modePrompt)
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
	world, err := OpenIn(ctx, in)
	if err != nil {
		return 0, err
	}
	defer func() { _ = world.Close() }()
	if err := world.limit(in, j.Options.Limits); err != nil {
		return 0, err
	}
	opener := repl.NewOpener(in.Outside)
	world.Files = opener
	p := prompt{Setup: s, script: j.Options, opener: opener, outside: in.Outside, keep: in.Outside.Keep, suspend: in.Outside.Suspend,
		history: j.History, rc: j.RC}
	if !j.Again {
		p.greeting = "nsl " + s.Version + ": an empty lab in a sandbox. help explains, Tab completes, Ctrl-D leaves."
	}
	pristine, err := state.ReadPristine(world, plan.Host)
	if err != nil {
		return 0, err
	}
	outcome, err := p.on(ctx, promptedWorld{world, pristine})
	if outcome == repl.Reset {
		return exitAgain, err
	}
	return diag.ExitOK, err
}

// prompt is a prompt that is to be opened.
type prompt struct {
	Setup
	script script.Options
	// outside opens the person's files.
	outside *outside.Client
	// opener opens the files that statements name; nil where the lab does.
	opener *repl.Opener
	// keep keeps a line that was typed; suspend stops the prompt at Ctrl-Z.
	keep    func(line string) error
	suspend func()
	// history and rc are files of the person's.
	history, rc string
	// running: the lab keeps running without the prompt.
	running bool
	// origin is the script that the lab was built by; nil where there is none.
	origin   func() (repl.Origin, error)
	greeting string
}

// promptWorld is a world whose nodes can be entered.
type promptWorld interface {
	engine.World
	repl.Lab
	// Read reads the lab, with settings of its nodes.
	Read(keys []string) (*state.Lab, error)
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
	s.Terminal, s.Lab.Kept = true, p.script.Keeps
	modules := p.ModulesAt(set, "", p.open)
	p.script.Run().Apply(s.Interp, "prompt", modules)
	return repl.Run(ctx, repl.Options{Session: s, Set: set, Lab: world, In: os.Stdin, Out: os.Stdout, Color: terminal.Color(os.Stdout),
		History: repl.NewHistory(p.lines(), p.keep), Interrupts: interrupts, Files: p.outside, Opener: p.opener, Loaded: modules.Loaded, Suspend: p.suspend, RC: p.rc, Running: p.running, Origin: p.origin, Help: p.help, Modules: p.ModuleNames(),
		Shell: world.Shell, Read: world.Read, Plan: p.plan, Prepare: p.prepare, Written: p.Language.Save,
		Greeting: p.greeting})
}

// plan plans a script of a file, or one that follows what a running lab was built by.
func (p prompt) plan(set *source.Set, f *source.File, from repl.Origin) (script.Wanted, diag.List) {
	o := p.script
	o.Set, o.Args = append(slices.Clone(o.Set), from.Set...), append(slices.Clone(o.Args), from.Args...)
	return p.Wanted(f, o.Run(), p.ModulesAt(set, f.Name, p.open))
}

// prepare makes an interpreter ready for a script of a file.
func (p prompt) prepare(in *eval.Interp, set *source.Set, file string) {
	p.script.Run().Apply(in, file, p.ModulesAt(set, file, p.open))
}

// lines are those that were typed before. A file that cannot be read has none: it
// was said why when the prompt was opened.
func (p prompt) lines() []string {
	if p.history == "" {
		return nil
	}
	f, err := p.outside.OpenFile(p.history, os.O_RDONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(f)
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
}

// open opens a file of the person's for reading.
func (p prompt) open(below, name string) (io.ReadCloser, error) {
	if below == "" {
		return p.outside.OpenFile(name, os.O_RDONLY, 0)
	}
	rel, err := filepath.Rel(below, name)
	if err != nil {
		return nil, err
	}
	return p.outside.OpenBelow(below, rel, os.O_RDONLY, 0)
}

// help is the help about statements and commands, as the prompt gives it.
func (p prompt) help(words []string) (string, error) {
	text, err := p.Help(words)
	return strings.NewReplacer(": nsl help ", ": help ", ", nsl help ", ", help ").Replace(text), err
}
