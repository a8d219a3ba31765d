package lsp

import (
	"context"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// mostSteps is how many statements of a run are planned at most while a text is being typed.
const mostSteps = 20_000

// analysis is what the check of a text found.
type analysis struct {
	*document
	set  *source.Set
	file *source.File
	tree *syntax.Tree
	list diag.List
	// uses are the files of its modules.
	uses map[string]bool
	// named are the places of variables and functions, sites those of nodes and
	// interfaces, made the ops that each statement plans.
	named []check.Named
	sites []site
	made  []made
}

// made is a statement with what it would do.
type made struct {
	at  source.Span
	ops []plan.Step
}

// analyse checks the text, as nsl check does, within bounds.
func (d *document) analyse() *analysis {
	a := &analysis{document: d, uses: map[string]bool{}}
	seen := map[site]bool{}
	a.list = d.walk(d.ctx, a, func(o *check.Options) {
		o.Named = func(n check.Named) { a.named = append(a.named, n) }
		o.Each = func(s check.Step) {
			for _, at := range a.sitesOf(s) {
				if !seen[at] {
					seen[at] = true
					a.sites = append(a.sites, at)
				}
			}
			a.note(s)
		}
	})
	// That bound is the server's and not the script's.
	a.list = slices.DeleteFunc(a.list, func(f *diag.Diagnostic) bool {
		return f.Code == diag.LimitHit && strings.Contains(f.Help, eval.StepsFlag)
	})
	return a
}

// walk checks the text with hooks of the caller's; a gets the set, the file and the tree.
func (d *document) walk(ctx context.Context, a *analysis, hook func(*check.Options)) diag.List {
	a.document, a.set = d, &source.Set{}
	a.file = a.set.Add(fileName(d.uri), d.text)
	o := script.DefaultOptions()
	o.Limits.Steps = mostSteps
	l := d.server.Language
	s, list := l.CheckWith(ctx, l.ModulesAt(a.set, a.file.Name, d.server.open), a.file, o,
		func(set *source.Set, t *verb.Table, tree *syntax.Tree, w check.World, o check.Options) diag.List {
			a.tree = tree
			hook(&o)
			return check.Walk(set, t, tree, w, o)
		})
	for name := range s.Modules {
		if a.uses != nil {
			a.uses[name] = true
		}
	}
	return list
}

// span is a place in the text as offsets, if it is in this document.
func (a *analysis) span(s source.Span) (start, end int, ok bool) {
	f := a.set.File(s.Start)
	if s.IsZero() || f != a.file {
		return 0, 0, false
	}
	return s.Start - f.Base, min(s.End-f.Base, len(f.Text)), true
}

// place is the range of a span in this document.
func (a *analysis) place(s source.Span) (Range, bool) {
	start, end, ok := a.span(s)
	return a.rangeOf(start, end), ok
}

// location is where a span is, in whatever file; there is none for the library's modules,
// which are no files.
func (a *analysis) location(s source.Span) (Location, bool) {
	if r, ok := a.place(s); ok {
		return Location{a.uri, r}, true
	}
	f := a.set.File(s.Start)
	if s.IsZero() || f == nil || !strings.HasPrefix(f.Name, "/") {
		return Location{}, false
	}
	return Location{fileURI(f.Name), newLines(f.Text).rangeOf(s.Start-f.Base, s.End-f.Base)}, true
}

// at is the offset of a place, as spans count it.
func (a *analysis) at(p Position) int { return a.file.Base + a.offset(p) }

// holds reports whether a place is in a span, or at its end.
func holds(s source.Span, at int) bool { return !s.IsZero() && s.Start <= at && at <= s.End }

// note keeps what a statement makes, for hints beside it. In a loop the first time counts.
func (a *analysis) note(s check.Step) {
	if s.Statement.Statement == nil || len(s.Ops) == 0 {
		return
	}
	at := s.Statement.Span
	if n := len(a.made); n > 0 && a.made[n-1].at == at {
		return
	}
	a.made = append(a.made, made{at: at, ops: s.Ops})
}
