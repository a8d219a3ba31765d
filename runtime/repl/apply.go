package repl

import (
	"context"
	"errors"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/converge"
	"nsl/runtime/engine"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/state"
)

// before is a lab as it was, with settings of its nodes.
type before struct {
	lab  *state.Lab
	keys []string
}

// apply makes the lab what a script says, and asks what the script expects.
func (p *prompt) apply(ctx context.Context, name string) {
	tree, want, ok := p.wanted(name)
	if !ok || !p.agrees(tree.File.Name, tree) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.onInterrupt(cancel)()
	e := &entry{text: "apply " + name, from: p.session.Interp.Name, mark: p.session.Mark(), deferred: len(p.deferred), changes: true}
	done, was, err := p.lab().Become(ctx, want)
	if err != nil {
		p.report(verb.Findings(source.Span{}, err))
		return
	}
	if len(done) == 0 {
		p.say("nothing differs: the lab is as %s says", tree.File.Name)
	} else {
		e.applied, e.ours = &before{was, want.Keys}, statements(done)
		p.journal.add(e)
		_ = report.Differences(p.out, converge.Differences(done), false, p.Color) // the terminal
	}
	p.expects(ctx, tree)
}

// diff prints what apply would do.
func (p *prompt) diff(name string) {
	tree, want, ok := p.wanted(name)
	if !ok {
		return
	}
	now, err := p.Read(want.Keys)
	var ops []plan.Op
	if err == nil {
		ops, err = converge.Changes(now, want)
	}
	switch {
	case err != nil:
		p.report(verb.Findings(source.Span{}, err))
	case len(ops) == 0:
		p.say("nothing differs: the lab is as %s says", tree.File.Name)
	default:
		_ = report.Differences(p.out, converge.Differences(ops), p.explains, p.Color) // the terminal
	}
}

// wanted is the lab that the script of a file makes. What is wrong with it is reported.
func (p *prompt) wanted(name string) (tree *syntax.Tree, want script.Wanted, ok bool) {
	name = complete.Expand(name)
	text, err := p.readFile(name)
	if err != nil {
		p.report(diag.List{unreadable(name, err)})
		return nil, want, false
	}
	f := p.Set.Add(name, string(text))
	want, list := p.Plan(p.Set, f, Origin{})
	if list.HasErrors() {
		p.report(list)
		return nil, want, false
	}
	return p.session.Interp.Table.Split(f), want, true
}

// expects asks what a script expects.
func (p *prompt) expects(ctx context.Context, tree *syntax.Tree) {
	s := engine.NewSession(p.session.World, p.session.Interp.Table, p.session.Observer, p.session.Streams)
	s.Printed = p.session.Printed
	p.Prepare(s.Interp, p.Set, tree.File.Name)
	converge.Asking(s)
	if err := s.Run(ctx, tree.Statements); err != nil {
		p.report(withoutStop(verb.Findings(source.Span{}, err), s.Failed > 0))
	}
}

func (p *prompt) lab() converge.Lab { return converge.Lab{Session: p.session, Read: p.Read} }

// statements are ops as lines of a script.
func statements(ops []plan.Op) string {
	text := ""
	for _, d := range converge.Differences(ops) {
		if d.Statement != "" {
			text += d.Statement + "\n"
		}
	}
	return text
}

// whole is a script of that name for what the lab has, whoever made it, with the expectations of the prompt.
func (p *prompt) whole(name string) (string, error) {
	if p.Read == nil {
		return "", errors.ErrUnsupported
	}
	now, err := p.Read(nil)
	if err != nil {
		return "", err
	}
	now.AnyMACs()
	text, err := p.Written(now)
	text = p.asks(name, Origin{}) + text
	for _, e := range p.journal.standing() {
		if !e.changes && !e.aside && !e.runs && !p.looks(e) {
			text += e.saved() + "\n"
		}
	}
	return text, err
}

// rest is what the lab has beside what the script of what is in effect makes, as lines of a
// script. It is not known where that cannot be planned, or runs programs that may have made it.
func (p *prompt) rest(from Origin) (lines string, known bool) {
	if p.Read == nil {
		return "", false
	}
	set := &source.Set{}
	text, _ := p.script(typedName, from) // with modules wherever they are, as when they were typed
	made, list := p.Plan(set, set.Add(typedName, text), from)
	if list.HasErrors() {
		return "", false
	}
	now, err := p.Read(made.Keys)
	if err != nil {
		return "", false
	}
	now.AnyMACs()
	ops, err := converge.Changes(made.Lab, script.Wanted{Lab: now, Keys: now.Keys(made.Keys)})
	if err != nil || made.Runs && len(ops) > 0 {
		return "", false
	}
	return statements(ops), true
}
