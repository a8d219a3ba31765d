package repl

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// undo undoes the last statements that changed something.
func (p *prompt) undo(n int) {
	for i := range n {
		group := p.journal.last()
		if group == nil {
			if i == 0 {
				p.say("there is nothing to undo")
			}
			return
		}
		p.undoGroup(group)
	}
}

// undoGroup undoes a statement, and drops those after it that asked
// about what there was then.
func (p *prompt) undoGroup(group []*entry) {
	first := group[0]
	ops := inverses(p.session.Since(first.mark))
	list := p.session.Undo(first.mark)
	if first.applied != nil {
		list.Add(verb.Findings(source.Span{}, p.lab().Back(first.applied.lab, first.applied.keys))...)
	}
	p.deferred = p.deferred[:first.deferred]
	for _, e := range group {
		e.state = undoneState
	}
	p.journal.undone = append(p.journal.undone, group)
	p.journal.changes++
	if len(list) > 0 && allGone(list) {
		rest := "nothing was left to undo of"
		if len(list) < ops {
			rest = "undone as far as it was there:"
		}
		p.say("%s %s (another prompt or a program has deleted it)", rest, oneLine(first.text))
		return
	}
	text := "undone: " + oneLine(first.text)
	if n := len(group) - 1; n > 0 {
		text += fmt.Sprintf("  (and %s after it)", count(n, "question"))
	}
	p.say("%s", text)
	for _, ran := range first.ran {
		p.say("    what the program did is not undone: %s", ran)
	}
	p.report(list)
}

// inverses counts the ops that undo steps.
func inverses(steps []plan.Step) (n int) {
	for _, s := range steps {
		n += len(s.Op.Inverse())
	}
	return n
}

// allGone reports whether all findings are about what is not there any more.
func allGone(list diag.List) bool {
	return !slices.ContainsFunc(list, func(d *diag.Diagnostic) bool {
		return d.Code != diag.UnknownNode && d.Code != diag.UnknownLink && d.Code != diag.NotThere
	})
}

// redo does again what was undone, the last one first.
func (p *prompt) redo(ctx context.Context, n int) {
	for i := range n {
		last := len(p.journal.undone) - 1
		if last < 0 {
			if i == 0 {
				p.say("there is nothing to redo")
			}
			return
		}
		rest := p.journal.undone[:last]
		group := p.journal.undone[last]
		p.journal.undone = nil
		p.journal.drop(group...)
		switch first := group[0]; {
		case first.onlyRan:
			p.say("in effect again, without running it: %s", oneLine(first.text))
			first.state, first.mark = standing, p.session.Mark()
			p.journal.add(first)
		case !p.again(ctx, first):
			return
		}
		for _, e := range group[1:] {
			e.state, e.mark = standing, p.session.Mark()
			p.journal.all = append(p.journal.all, e)
		}
		p.journal.undone = rest
	}
}

// again does a statement that was undone.
func (p *prompt) again(ctx context.Context, e *entry) bool {
	p.say("again: %s", oneLine(e.text))
	text := e.text
	if e.applied != nil {
		text = e.saved()
	}
	tree := p.session.Interp.Table.Split(p.Set.Add("redo", text))
	return p.statements(ctx, tree)
}

// drop forgets statements that are elsewhere in the journal now.
func (j *journal) drop(list ...*entry) {
	for _, gone := range list {
		for i, e := range j.all {
			if e == gone {
				j.all = append(j.all[:i:i], j.all[i+1:]...)
				break
			}
		}
	}
}

// history lists what was typed in this lab, and what became of it.
func (p *prompt) history(n int) {
	from := max(0, len(p.journal.all)-n)
	signs := map[fate]string{standing: " ", failedState: "!", undoneState: "-"}
	for i, e := range p.journal.all[from:] {
		p.say("%4d %s %s", from+i+1, signs[e.state], oneLine(e.text))
	}
	if len(p.journal.all) > 0 {
		p.say("     - was undone, ! failed: save leaves them out")
	}
}

// oneLine is the first line of a statement that is no comment.
func oneLine(text string) string {
	first := ""
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case first != "":
			return first + " …"
		default:
			first = line
		}
	}
	return first
}

// number is the argument of a command that may have one, or what it is without.
func number(args []string, otherwise int) (int, bool) {
	if len(args) == 0 {
		return otherwise, true
	}
	n, err := strconv.Atoi(args[0])
	return n, err == nil && n > 0 && len(args) == 1
}
