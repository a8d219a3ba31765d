package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/format"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/files"
	"nsl/runtime/plan"
	"nsl/runtime/state"
	"nsl/runtime/terminal"
)

// Options are what a prompt works with.
type Options struct {
	// Session does the statements. Its observer is replaced; its streams are those
	// of the programs that statements start. The caller closes its world.
	Session *engine.Session
	// Set holds the texts that the session's interpreter was given so far.
	Set *source.Set
	// Lab is asked for what no op does: shells and watching packets in a node.
	Lab Lab
	// In and Out are the terminal.
	In, Out *os.File
	// Color turns colours on, while typing too.
	Color   bool
	History *History
	// Interrupts tells each Ctrl-C that comes while a statement runs.
	Interrupts <-chan os.Signal
	// Files opens the files that the person names; nil are this process's own.
	Files files.Opener
	// Opener opens the files that statements name; nil where the lab does.
	Opener *Opener
	// Loaded is called with the name of each script that is loaded; it may be nil.
	Loaded func(file string)
	// Suspend stops the prompt at Ctrl-Z until it is to go on; nil is
	// terminal.Suspend.
	Suspend func()
	// Shell opens the person's shell in a node, on the terminal, and waits for its
	// end; nil where there is none.
	Shell func(ctx context.Context, node string) (exit int, err error)
	// Help is the text of help about some words.
	Help func(words []string) (string, error)
	// Modules are the names that may follow use.
	Modules []string
	// RC is a script to begin with, by its name; a file that is not there is none.
	RC string
	// Running: the lab keeps running when the prompt is left.
	Running bool
	// Origin is the script that a running lab was built by; nil where there is none.
	Origin func() (Origin, error)
	// Read reads the lab as it is, with settings of its nodes; nil where it cannot be compared.
	Read func(keys []string) (*state.Lab, error)
	// Plan plans a script of the file on an empty model; that of an origin has its variables
	// and arguments.
	Plan func(set *source.Set, f *source.File, from Origin) (script.Wanted, diag.List)
	// Written is a script that makes a lab.
	Written func(lab *state.Lab) (string, error)
	// Prepare makes an interpreter ready for a script of a file.
	Prepare func(in *eval.Interp, set *source.Set, file string)
	// Greeting is a line to begin with.
	Greeting string
}

// Lab is where the prompt reaches the nodes themselves.
type Lab interface {
	// Inside runs f on a thread inside a node, and waits for it.
	Inside(node string, f func() error) error
}

// Outcome is how a prompt was left.
type Outcome int

// The outcomes.
const (
	// Left: the person is done.
	Left Outcome = iota + 1
	// Reset: the person wants an empty lab and a new prompt.
	Reset
)

// Run reads statements and does them until the person leaves or ctx ends.
func Run(ctx context.Context, o Options) (Outcome, error) {
	p := newPrompt(o)
	open := NewEditor
	if terminal.Dumb() {
		open = newPlainEditor
	}
	editor, above, err := open(Terminal{In: o.In, Out: o.Out, History: o.History, Paint: p.paint, Complete: p.complete, Typed: p.forgetInterrupt, Suspend: o.Suspend})
	if err != nil {
		return Left, err
	}
	defer editor.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer terminal.OnHangup(o.In, cancel)()
	stop := context.AfterFunc(ctx, func() { editor.Close() })
	defer stop()
	return p.run(ctx, editor, above)
}

// prompt is a conversation about one lab.
type prompt struct {
	Options
	session *engine.Session
	editor  Editor
	// out is where answers go, and above where lines go while one is typed.
	out, above io.Writer
	text       diag.Text
	journal    journal
	// byHand is what was done in shells, for save.
	byHand []string
	// explains: each answer has the commands that do the same.
	explains bool
	// deferred run when the prompt is left, last first.
	deferred []*syntax.Statement
	// pending are comments above what is typed next.
	pending string
	// examples are those of the help that was read last.
	examples []example
	outcome  Outcome
	traces   tracing
	// translated is what the command lines of the statement that is done are in nsl.
	translated []verb.Translation
	// typed is the input that is being done.
	typed typed
	// trying: the statements of an example are being done, which the person asked for.
	trying bool
	// loading is the script that is being loaded; nil where none is.
	loading *syntax.Tree
	// fixed is the last input with the proposed fixes, from the statement that failed on;
	// "" where none was proposed.
	fixed string
}

// typedName is the name of what is typed: none, its place says nothing to a person.
const typedName = ""

// typed says where on the screen an input is.
type typed struct {
	// indent is the width of the prompt before it; fresh is set while
	// nothing has been written below it.
	indent int
	fresh  bool
	// file is its text, and from where in it the statement begins that is done.
	file *source.File
	from int
}

func newPrompt(o Options) *prompt {
	p := &prompt{Options: o, session: o.Session, out: o.Out, above: o.Out,
		text: diag.Text{Set: o.Set, Color: o.Color}, traces: tracing{stop: map[plan.Ref]context.CancelFunc{}}}
	if o.Files == nil {
		p.Files = files.Own{}
	}
	if o.Opener != nil {
		o.Opener.sure = p.allows
	}
	o.Session.Observer = &observer{p}
	o.Session.Printed = folding{p, o.Session.Streams.Out}
	o.Session.Interp.Granted = p.granted
	o.Session.Interp.Translated = p.translate
	o.Session.EnableUndo()
	return p
}

// run is the conversation.
func (p *prompt) run(ctx context.Context, e Editor, above io.Writer) (Outcome, error) {
	p.editor, p.above = e, above
	if p.Greeting != "" {
		p.say("%s", p.Greeting)
	}
	p.readRC(ctx)
	for p.outcome == 0 {
		text, err := p.read()
		switch {
		case errors.Is(err, ErrInterrupt):
		case ctx.Err() != nil:
			p.outcome = Left
		case errors.Is(err, io.EOF):
			p.leave()
		case err != nil:
			return Left, err
		default:
			p.input(ctx, text)
		}
	}
	p.endTraces()
	p.runDeferred(ctx)
	return p.outcome, nil
}

// say writes a line.
func (p *prompt) say(format string, args ...any) {
	p.typed.fresh = false
	fmt.Fprintln(p.out, fold(diag.PlainColored(fmt.Sprintf(format, args...)), p.columns()))
}

// read is one input: a line, or several while a bracket, a quote or a backslash
// at the end leaves it open.
func (p *prompt) read() (string, error) {
	head := p.head()
	p.typed = typed{indent: width(head), fresh: true}
	text, err := p.editor.Read(Prompt{Text: head})
	for err == nil && p.open(text) {
		var more string
		more, err = p.editor.Read(Prompt{Text: p.headOfMore(head), Before: text + "\n"})
		text += "\n" + more
		p.typed.fresh = false
	}
	if err == nil {
		p.remember(text)
	}
	return text, err
}

// remember keeps an input as one line, which can be edited; where it has no such form,
// line by line.
func (p *prompt) remember(text string) {
	lines := strings.Split(text, "\n")
	if line, ok := format.OneLine(text, p.session.Interp.Table); ok && len(lines) > 1 {
		lines = []string{text[:len(text)-len(strings.TrimLeft(text, " \t"))] + strings.TrimLeft(line, " \t")}
	}
	for _, line := range lines {
		p.editor.Remember(line)
	}
}

// head is the prompt itself: it shows how many nodes there are.
func (p *prompt) head() string {
	nodes, _ := p.session.World.Nodes()
	text := fmt.Sprintf("nsl:%d>", len(nodes))
	if p.Color {
		text = paint(styleBold, text)
	}
	return text + " "
}

func (p *prompt) headOfMore(head string) string {
	text := strings.Repeat(" ", max(0, width(head)-4)) + "..."
	if p.Color {
		text = paint(styleDim, text)
	}
	return text + " "
}

// open reports whether a text goes on in the next line. One with an open quote does
// not: the quote would have to be closed on its line.
func (p *prompt) open(text string) bool {
	if _, isCommand := p.command(text); isCommand {
		return false
	}
	return p.session.Interp.Table.Split((&source.Set{}).Add("", text+"\n")).Open
}

// input does what was typed.
func (p *prompt) input(ctx context.Context, text string) {
	p.fixed = ""
	if c, ok := p.command(text); ok {
		c(ctx)
		return
	}
	pending := p.pending
	p.pending = ""
	p.typed.file = p.Set.Add(typedName, pending+text)
	if p.Opener != nil {
		p.Opener.typed = text
	}
	p.typed.from = p.typed.file.Base
	tree := p.session.Interp.Table.Split(p.typed.file)
	if pending != "" || strings.Contains(text, "\n") {
		p.typed.fresh = false
	}
	p.warn(tree, pending)
	if len(tree.Statements) == 0 && strings.TrimSpace(text) != "" {
		p.pending = pending + text + "\n"
	}
	p.statements(ctx, tree)
}
