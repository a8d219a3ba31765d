package repl

import (
	"slices"

	"nsl/runtime/engine"
)

// fate is what became of a statement.
type fate int

const (
	standing fate = iota
	failedState
	undoneState
)

// entry is a statement that was typed.
type entry struct {
	// text is what was typed, comments above it included.
	text string
	// from is the file that it is of, or that of what is typed: modules are beside it.
	from string
	// mark is the moment before it.
	mark engine.Mark
	// changes: it changed the lab, or what names mean.
	changes bool
	// ran are the programs that it ran and that changed nothing in the network: what they
	// did besides cannot be undone.
	ran []string
	// runs: it ran programs, whatever they changed.
	runs bool
	// onlyRan: it did nothing else, so that undoing it undoes nothing.
	onlyRan bool
	// deferred is the number of deferred statements before it.
	deferred int
	state    fate
	// ours is what command lines of other programs are in nsl, for the saved script.
	ours string
	// applied is the lab before what a script's difference changed; nil for a statement.
	applied *before
	// aside is a note for the saved script in the place of a statement.
	aside bool
}

// journal is what was typed in this lab.
type journal struct {
	// all are the statements, in their order.
	all []*entry
	// undone are the statements that undo has undone, the last one last; each begins with a statement
	// that changed something, followed by those that only asked.
	undone [][]*entry
	// base is where undo stops: what the rc file did.
	base int
	// kept is the number of changes when the lab was saved last.
	changes, kept int
}

func (j *journal) add(e *entry) {
	j.all = append(j.all, e)
	if e.state == standing && e.changes {
		j.undone = nil
		j.changes++
	}
}

// begin makes what was done so far the ground that undo does not touch.
func (j *journal) begin() { j.base, j.kept = len(j.all), j.changes }

// begunWith reports whether the rc file has done that very statement.
func (j *journal) begunWith(text string) bool {
	return slices.ContainsFunc(j.all[:j.base], func(e *entry) bool { return e.text == text && e.state == standing })
}

// unsaved reports whether something would be lost that no script has.
func (j *journal) unsaved() bool { return j.changes != j.kept }

// standing are the statements that make the lab what it is.
func (j *journal) standing() []*entry {
	var list []*entry
	for _, e := range j.all {
		if e.state == standing {
			list = append(list, e)
		}
	}
	return list
}

// last are the last statement in effect that changed something, and all that
// follow it; nil where there is none.
func (j *journal) last() []*entry {
	for i := len(j.all) - 1; i >= j.base; i-- {
		if e := j.all[i]; e.state != standing || !e.changes {
			continue
		}
		var group []*entry
		for _, e := range j.all[i:] {
			if e.state == standing && !e.aside {
				group = append(group, e)
			}
		}
		return group
	}
	return nil
}
