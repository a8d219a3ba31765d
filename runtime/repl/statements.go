package repl

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/format"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/terminal"
)

// statements does the statements of a text one by one, up to the first that
// fails, and reports whether all were done.
func (p *prompt) statements(ctx context.Context, tree *syntax.Tree) bool {
	if tree.Diags.HasErrors() {
		p.report(tree.Diags)
		return false
	}
	end := tree.File.Base
	for i, st := range tree.Statements {
		text := strings.TrimLeft(p.Set.Text(st.Span), " \t")
		if comment := commentAbove(tree.File.Text[end-tree.File.Base : st.Span.Start-tree.File.Base]); comment != "" {
			text = comment + text
		}
		end = st.Span.End
		if p.journal.begunWith(text) {
			continue // a saved script has it too
		}
		if i > 0 {
			p.typed.fresh = false
		}
		p.typed.from = st.Span.Start
		if !p.statement(ctx, st, text) {
			return false
		}
	}
	return true
}

// commentAbove are the comment lines between two statements; a
// comment after the first stays with it, so the first line is left out.
func commentAbove(between string) string {
	var b strings.Builder
	for line := range strings.Lines(between) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// statement does one statement: wholly, or not at all. It reports whether it was
// done; an expectation that does not hold was done, but is no part of what is in effect.
func (p *prompt) statement(ctx context.Context, st *syntax.Statement, text string) bool {
	if len(st.Parts) > 1 || st.Parts[0].Block != nil || p.session.Interp.Scope.Function(st.Verb().Text) != nil {
		p.typed.fresh = false // the message may be about a line inside
	}
	e := &entry{text: text, from: p.session.Interp.Name, mark: p.session.Mark(), deferred: len(p.deferred)}
	failed := p.session.Failed
	p.translated = nil
	err := p.do(ctx, st)
	if err != nil {
		list, _ := diag.FromError(err)
		if skip := (*verb.Skip)(nil); errors.As(err, &skip) {
			p.say("skipped: %s", skip.Reason)
		}
		e.ran = programs(p.session.Since(e.mark))
		list.Add(p.session.Undo(e.mark)...)
		p.report(withoutStop(list, p.session.Failed > failed))
		e.state = failedState
		p.journal.add(e)
		return false
	}
	steps := p.session.Since(e.mark)
	e.changes = p.session.Changed(e.mark) || len(p.deferred) != e.deferred
	e.ran = programs(steps)
	e.runs = slices.ContainsFunc(steps, func(s plan.Step) bool { return isExec(s.Op) })
	e.onlyRan = len(steps) > 0 && len(e.ran) == len(steps)
	if p.session.Failed > failed {
		e.state = failedState
	}
	e.translated(st, p.translated)
	p.journal.add(e)
	p.answer(steps)
	p.inNSL()
	return true
}

// do does one statement; Ctrl-C ends it.
func (p *prompt) do(ctx context.Context, st *syntax.Statement) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.onInterrupt(cancel)()
	switch d, list := eval.Deferred(p.session.Interp.Table, st); {
	case len(list) > 0:
		return list
	case d != nil:
		p.deferred = append(p.deferred, d)
		p.say("it will be done when you leave the prompt; in a saved script, at its end")
		return nil
	}
	return p.session.Do(ctx, st)
}

// forgetInterrupt is for a Ctrl-C that came too late for the statement before. It is
// done when a line ends, while Ctrl-C is still a key: from then on each is meant.
func (p *prompt) forgetInterrupt() {
	select {
	case <-p.Interrupts:
	default:
	}
}

// onInterrupt calls f when Ctrl-C comes, or has come since the line was typed, until
// the returned function is called. That waits until nothing listens any more: the next
// Ctrl-C is for the next statement.
func (p *prompt) onInterrupt(f func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-p.Interrupts:
			f()
		case <-done:
		}
	}()
	return func() { close(done); <-ended }
}

// runDeferred does what was deferred, last first.
func (p *prompt) runDeferred(ctx context.Context) {
	ctx, cancel := eval.Deferring(ctx)
	defer cancel()
	for i := len(p.deferred) - 1; i >= 0; i-- {
		p.typed.fresh = false
		if err := p.do(ctx, p.deferred[i]); err != nil {
			list, _ := diag.FromError(err)
			p.report(list)
		}
	}
	p.deferred = nil
}

// withoutStop leaves out that a failed require ends the script: here nothing
// follows, and what failed has been reported.
func withoutStop(list diag.List, told bool) diag.List {
	var out diag.List
	for _, d := range list {
		if !told || d.Code != diag.RequireStops {
			out.Add(d)
		}
	}
	return out
}

// programs are the commands that were run, and that have changed nothing that undo knows.
func programs(steps []plan.Step) []string {
	var list []string
	for i, s := range steps {
		e, ok := s.Op.(plan.Exec)
		if !ok {
			continue
		}
		if i+1 == len(steps) || steps[i+1].Span != s.Span || isExec(steps[i+1].Op) {
			list = append(list, e.Effect().Object)
		}
	}
	return list
}

func isExec(op plan.Op) bool {
	_, ok := op.(plan.Exec)
	return ok
}

// report shows findings: under the line that was typed while it is right above,
// else with their place.
func (p *prompt) report(list diag.List) {
	if p.loading != nil {
		eval.ProposeGrants(p.session.Interp.Table, p.loading, list)
	}
	p.propose(list)
	p.text.Width = p.columns()
	for _, d := range list {
		var text string
		d.Help = strings.ReplaceAll(d.Help, "nsl help", "help") // which is a command here
		switch {
		case d.Code == diag.Interrupted:
			text = "\n" + d.Summary + "\n" // the terminal has shown ^C
		case p.typed.fresh && p.fits(d):
			text = p.text.FormatBelow(d, p.typed.indent)
		default:
			text = p.text.Format(d)
		}
		_, _ = io.WriteString(p.out, fold(text, p.text.Width))
		p.typed.fresh = false
	}
}

// propose keeps the input with the fixes of its errors, for Tab on an empty line; of those of
// expectations the first.
func (p *prompt) propose(list diag.List) {
	f := p.typed.file
	if f == nil || p.fixed != "" && list[0].Severity == diag.Failure {
		return
	}
	text, changed, end := "", false, max(p.typed.from, f.Base)-f.Base
	for _, d := range list {
		fix, ok := d.Fix(p.Set)
		from, to := fix.Span.Start-f.Base, fix.Span.End-f.Base
		if !ok || d.Severity == diag.Warning || from < end || to > len(f.Text) {
			continue
		}
		text, changed, end = text+f.Text[end:from]+fix.Text, true, to
	}
	if line, ok := format.OneLine(text+f.Text[end:], p.session.Interp.Table); ok && changed {
		p.fixed = strings.TrimSpace(line)
	}
}

// fits reports whether the line that a finding is about was typed and takes one
// line of the screen.
func (p *prompt) fits(d *diag.Diagnostic) bool {
	f := p.Set.File(d.Subject.Start)
	files := p.Set.Files()
	return f != nil && f == files[len(files)-1] && !strings.Contains(f.Text, "\n") &&
		p.typed.indent+width(f.Text) < terminal.Width(p.Out) && d.Code != diag.ProgramFailed
}

// answer reports what a statement made.
func (p *prompt) answer(steps []plan.Step) {
	for _, line := range report.Made(steps, terminal.Width(p.Out)) {
		p.say("%s", line)
	}
	if !p.explains {
		return
	}
	commands := report.Commands(steps)
	for i, c := range commands {
		commands[i] = strings.TrimPrefix(foldCommands("    "+c, p.columns()), "    ")
	}
	p.some(commands)
}

// some writes lines, and says how many it leaves out.
func (p *prompt) some(lines []string) {
	const most = 40
	for i, line := range lines {
		if i == most {
			p.say("    … and %d more", len(lines)-most)
			return
		}
		line = "    " + line
		if p.Color {
			line = paint(styleDim, line)
		}
		p.say("%s", line)
	}
}

// readRC does the statements of the file that each session begins with.
func (p *prompt) readRC(ctx context.Context) {
	if p.RC == "" {
		return
	}
	text, err := p.readFile(p.RC)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			p.report(diag.List{unreadable(p.RC, err)})
		}
		return
	}
	tree := p.session.Interp.Table.Split(p.Set.Add(p.RC, string(text)))
	p.statements(ctx, tree)
	p.journal.begin()
}
