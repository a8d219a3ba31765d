package repl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// command is a word that the prompt itself understands; it is no statement of the
// language, and no script may have it.
type command struct {
	name, usage, summary string
	doc                  string
	args                 []syntax.Completion
	run                  func(p *prompt, ctx context.Context, args []string) error
}

// errUsage means that a command was given other words than it takes.
var errUsage = fmt.Errorf("usage")

// Commands are the names of the prompt's own commands.
func Commands() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

func commands() []command {
	return []command{
		{"undo", "undo [N]", "undo the last statement that changed something, or the last N",
			`The kernel is then as it was before the statement; variables and functions are too.
What a program did cannot be undone: the answer says so.`, nil,
			func(p *prompt, _ context.Context, args []string) error { return counted(args, 1, p.undo) }},
		{"redo", "redo [N]", "do again what undo has undone", "", nil,
			func(p *prompt, ctx context.Context, args []string) error {
				return counted(args, 1, func(n int) { p.redo(ctx, n) })
			}},
		{"history", "history [N]", "list the statements of this lab, and what became of them", "", nil,
			func(p *prompt, _ context.Context, args []string) error { return counted(args, 1<<30, p.history) }},
		{"save", "save FILE", "write the statements that are in effect as a script",
			`Those that failed or were undone are left out, and so are those that only show
something. In a running lab the script that built it comes first. The answer says
what it does not have: what was done in a shell, say.`, []syntax.Completion{syntax.Files},
			func(p *prompt, _ context.Context, args []string) error { return one(args, p.save) }},
		{"load", "load FILE", "do the statements of a script, as if they were typed", "", []syntax.Completion{syntax.Files},
			func(p *prompt, ctx context.Context, args []string) error {
				return one(args, func(name string) { p.load(ctx, name) })
			}},
		{"apply", "apply FILE", "make the lab what a script says, and ask what the script expects",
			`What both have stays as it is: cables, services, programs. It is done as a whole or not at
all, and undo undoes it as one step.`, []syntax.Completion{syntax.Files},
			func(p *prompt, ctx context.Context, args []string) error {
				return one(args, func(name string) { p.apply(ctx, name) })
			}},
		{"diff", "diff FILE", "print the statements that would make the lab what a script says", "", []syntax.Completion{syntax.Files},
			func(p *prompt, _ context.Context, args []string) error { return one(args, p.diff) }},
		{"reset", "reset", "begin again with an empty lab", "", nil,
			func(p *prompt, ctx context.Context, args []string) error { return none(args, func() { p.reset(ctx) }) }},
		{"explain", "explain on|off", "show with each answer the ip, nft and sysctl commands that do the same", "", []syntax.Completion{syntax.OnOffWords()},
			func(p *prompt, _ context.Context, args []string) error { return p.explain(args) }},
		{"help", "help [WORD…]", "explain a statement, a probe, a command or an error", "", []syntax.Completion{syntax.Topics},
			func(p *prompt, _ context.Context, args []string) error { p.help(args); return nil }},
		{"try", "try [N]", "do example N of the help that was read last", "", nil,
			func(p *prompt, ctx context.Context, args []string) error {
				return counted(args, 1, func(n int) { p.try(ctx, n) })
			}},
		{"sh", "sh NODE", "open your shell in a node; its prompt names the node", "", []syntax.Completion{syntax.Nodes},
			func(p *prompt, ctx context.Context, args []string) error {
				return one(args, func(node string) { p.sh(ctx, node) })
			}},
		{"watch", "watch STATEMENT", "do what shows or expects something every second, until Ctrl-C", "", []syntax.Completion{syntax.Statements},
			func(p *prompt, ctx context.Context, args []string) error { return p.watch(ctx, args) }},
		{"trace", "trace on NODE:IFACE, trace off", "print the packets of an interface as they pass",
			`A line for each packet, above what you type. trace off alone ends all.`, []syntax.Completion{syntax.OnOffWords(), syntax.Endpoints},
			func(p *prompt, ctx context.Context, args []string) error { return p.trace(ctx, args) }},
		{"exit", "exit", "leave the prompt, as Ctrl-D does", "", nil,
			func(p *prompt, _ context.Context, args []string) error { return none(args, p.leave) }},
		{"quit", "quit", "the same as exit", "", nil,
			func(p *prompt, _ context.Context, args []string) error { return none(args, p.leave) }},
	}
}

func counted(args []string, otherwise int, f func(n int)) error {
	n, ok := number(args, otherwise)
	if !ok {
		return errUsage
	}
	f(n)
	return nil
}

func one(args []string, f func(arg string)) error {
	if len(args) != 1 {
		return errUsage
	}
	f(args[0])
	return nil
}

func none(args []string, f func()) error {
	if len(args) > 0 {
		return errUsage
	}
	f()
	return nil
}

// command is what a line asks of the prompt itself, if it does.
func (p *prompt) command(line string) (do func(ctx context.Context), ok bool) {
	trimmed := strings.TrimSpace(line)
	if rest, host := strings.CutPrefix(trimmed, "!"); host {
		return func(ctx context.Context) { p.onHost(ctx, rest) }, true
	}
	fields := strings.Fields(trimmed)
	if len(fields) == 0 {
		return nil, false
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == fields[0] })
	if i < 0 {
		return nil, false
	}
	c := commands()[i]
	return func(ctx context.Context) {
		p.typed.fresh = false
		if err := c.run(p, ctx, unquoted(fields[1:])); err != nil {
			d := diag.Errorf(diag.BadCommand, source.Span{}, "wrong usage of %s", c.name)
			p.report(diag.List{d.WithHelp("usage: %s", c.usage)})
		}
	}, true
}

// unquoted takes the quotes off words; a name with a blank is not to be had.
func unquoted(words []string) []string {
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	return words
}

// reset asks for a new lab.
func (p *prompt) reset(context.Context) {
	nodes, _ := p.session.World.Nodes()
	if len(nodes) > 0 && p.journal.unsaved() &&
		!p.allows(fmt.Sprintf("the lab (%s) is lost; save FILE keeps it as a script. Reset?", count(len(nodes), "node"))) {
		return
	}
	if !p.Running {
		p.outcome = Reset
		return
	}
	for group := p.journal.last(); group != nil; group = p.journal.last() {
		p.undoGroup(group)
	}
	p.journal, p.byHand = journal{}, nil
}

// explain turns the commands in answers on and off.
func (p *prompt) explain(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "on":
		p.explains = true
		p.say("each answer now has the commands that do the same; explain off hides them")
	case len(args) == 1 && args[0] == "off":
		p.explains = false
	default:
		return errUsage
	}
	return nil
}

// hostNote begins the comment of a command on the host in a saved script.
const hostNote = "# on the host, by hand: "

// onHost runs a shell command on the lab's host.
func (p *prompt) onHost(ctx context.Context, text string) {
	if strings.TrimSpace(text) == "" {
		p.say("write a command after the !, as in: !ip addr")
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.onInterrupt(cancel)()
	_, err := p.session.World.Exec(ctx, "host", []string{"/bin/sh", "-c", text}, p.session.Streams)
	p.session.Lab.Changed()
	if err != nil && ctx.Err() == nil && !errors.Is(err, plan.ErrInterrupted) {
		p.say("nsl: %v", err)
	}
	p.journal.add(&entry{text: hostNote + text, mark: p.session.Mark(), deferred: len(p.deferred), aside: true})
}
