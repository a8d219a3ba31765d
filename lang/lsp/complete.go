package lsp

import (
	"context"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/complete"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// The kinds of completion items.
const (
	itemFunction = 3
	itemVariable = 6
	itemModule   = 9
	itemValue    = 12
	itemKeyword  = 14
)

// completed says what may come at a place, in the lab that the statements before it make.
func completed(ctx context.Context, d *document, p aboutPlace) (any, error) {
	var found complete.Answer
	d.meet(ctx, p.Position, func(a *analysis, view plan.View) {
		found = complete.Complete(d.request(a, p.Position, view))
	})
	end := p.Position
	start := d.position(d.offset(end) - len(found.Word))
	items := make([]completionItem, 0, len(found.Candidates))
	for _, c := range found.Candidates {
		item := completionItem{Label: c, Kind: itemValue, TextEdit: TextEdit{Range{start, end}, c}}
		d.describe(&item)
		items = append(items, item)
	}
	return items, nil
}

// describe says what a word is that completes a statement.
func (d *document) describe(item *completionItem) {
	t := d.server.Language.Table
	if v := t.Verb(item.Label); v != nil {
		item.Kind, item.Detail, item.Documentation = itemKeyword, v.Summary, usages(v)
	} else if v := t.Probe(item.Label); v != nil {
		item.Kind, item.Detail, item.Documentation = itemKeyword, v.Summary, usages(v)
	} else if slices.Contains(d.server.Language.ModuleNames(), item.Label) {
		item.Kind = itemModule
	}
}

func usages(v *verb.Verb) *markup {
	text := "```nsl\n"
	for _, u := range v.Usage {
		text += u + "\n"
	}
	return markdown(text + "```")
}

// meet calls f with the lab as the statements before a place make it, which is that of a
// statement that does nothing, in the place of the one that is being typed.
func (d *document) meet(ctx context.Context, p Position, f func(a *analysis, view plan.View)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	at := d.offset(p)
	start, end := d.statementBefore(at)
	next := d.server.newDocument(d.uri, d.version, d.text[:start]+"\n"+eval.PrintVerb().Name+" 0\n"+d.text[end:])
	defer next.cancel()
	a, met := &analysis{}, false
	var last plan.View
	_ = next.walk(ctx, a, func(o *check.Options) {
		at := a.file.Base + start + 1
		o.Each = func(s check.Step) { last = s.Lab }
		o.Met = func(st *syntax.Statement, lab verb.Lab) {
			if !met && st.Span.Start == at {
				met = true
				f(a, lab)
				stop()
			}
		}
	})
	if !met {
		f(a, last)
	}
}

// statementBefore is the extent of the statement that a place is in or follows on its
// line; nothing where one begins.
func (d *document) statementBefore(at int) (start, end int) {
	start, end = at, at
	set := &source.Set{}
	file := set.Add("", d.text)
	each(d.server.Language.Table.Split(file).Statements, func(st *syntax.Statement) {
		from, to := st.Span.Start-file.Base, min(st.Span.End-file.Base, len(d.text))
		if from <= at && !inBlocks(st, at+file.Base) &&
			(at <= to || strings.Trim(d.text[to:at], " \t") == "") {
			start, end = from, max(to, at)
		}
	})
	return start, end
}

// inBlocks reports whether a place is in a block of a statement.
func inBlocks(st *syntax.Statement, at int) bool {
	for _, p := range st.Parts {
		if p.Block != nil && p.Block.Span.Start < at && at < p.Block.Span.End {
			return true
		}
	}
	return false
}

// request is what completion is asked with.
func (d *document) request(a *analysis, p Position, view plan.View) complete.Request {
	l := d.server.Language
	r := complete.Request{Table: l.Table, Text: d.text[:d.offset(p)], View: view, Modules: l.ModuleNames()}
	for name, f := range a.functions() {
		r.Functions = append(r.Functions, complete.Named{Name: name, Usage: f.Usage()})
	}
	for _, n := range d.names() {
		if !n.Function && !slices.Contains(r.Variables, n.Name) {
			r.Variables = append(r.Variables, n.Name)
		}
	}
	return r
}

// names are those of variables and functions in the text.
func (d *document) names() []check.Named {
	if a := d.analysis(); a != nil {
		return a.named
	}
	return nil
}

// signed is the usage of the statement that is being typed.
func signed(_ context.Context, d *document, p aboutPlace) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	forms, active := complete.Usages(d.request(a, p.Position, nil))
	if len(forms) == 0 {
		return nil, nil
	}
	help := signatureHelp{ActiveSignature: active}
	for _, f := range forms {
		help.Signatures = append(help.Signatures, signature{Label: f})
	}
	return help, nil
}
