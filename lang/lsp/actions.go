package lsp

import (
	"context"
	"maps"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
)

// The kinds of code actions.
const (
	actionFix     = "quickfix"
	actionRewrite = "refactor.rewrite"
)

// actions are the edits that the findings in a range propose, statements that would let an
// expectation there hold, and the statements of nsl that the command lines there are.
func actions(ctx context.Context, d *document, p aboutActions) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	list := []codeAction{}
	if wanted(p.Context.Only, actionFix) {
		list = append(append(list, a.fixes(p.Range)...), d.advice(ctx, p.Range)...)
	}
	if wanted(p.Context.Only, actionRewrite) {
		list = append(list, d.rewrites(ctx, p.Range)...)
		list = append(list, d.reshaped(ctx, p.Range)...)
	}
	return list, nil
}

// wanted reports whether an editor wants actions of a kind, or of one that it is part of.
func wanted(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool {
		return kind == o || strings.HasPrefix(kind, o+".") || o == ""
	})
}

func (a *analysis) fixes(in Range) []codeAction {
	var list []codeAction
	from, to := a.at(in.Start), a.at(in.End)
	for _, f := range a.list {
		fix, ok := f.Fix(a.set)
		r, here := a.place(fix.Span)
		if !ok || !here || f.Subject.End < from || f.Subject.Start > to {
			continue
		}
		title := "Write " + strings.TrimSpace(fix.Text)
		if strings.TrimSpace(fix.Text) == "" {
			title = "Delete " + a.set.Text(fix.Span)
		}
		list = append(list, codeAction{Title: title, Kind: actionFix, Diagnostics: []Diagnostic{a.diagnostic(f)},
			Edit: a.edit(r, fix.Text), Preferred: true})
	}
	return list
}

func (a *analysis) edit(r Range, text string) *WorkspaceEdit {
	return &WorkspaceEdit{map[string][]TextEdit{a.uri: {{r, text}}}}
}

// advice are the statements that would let the expectations of a range hold, before them.
// What is done more than once gets none, nor does a text with errors, of which the lab is not known.
func (d *document) advice(ctx context.Context, in Range) []codeAction {
	if found := d.analysis(); found == nil || found.list.HasErrors() {
		return nil
	}
	a := &analysis{}
	proposed := map[source.Span][]string{}
	_ = d.walk(ctx, a, func(o *check.Options) {
		o.Each = func(s check.Step) {
			asks, ok := s.Statement.Node.(verb.Adviser)
			if at := s.Statement.Span; !ok || at.End < a.at(in.Start) || at.Start > a.at(in.End) {
				return
			}
			_, again := proposed[s.Statement.Span]
			if proposed[s.Statement.Span] = nil; !again && !s.Maybe {
				proposed[s.Statement.Span] = asks.Advise(&verb.Env{Lab: s.Lab, Table: d.server.Language.Table})
			}
		}
	})
	list := []codeAction{}
	for at, statements := range proposed {
		fix, ok := diag.New(diag.NotHeld, diag.Failure, at, "").WithStatements(at, statements...).Fix(a.set)
		if r, here := a.place(fix.Span); ok && here && len(statements) > 0 {
			list = append(list, codeAction{Title: "Write before it: " + strings.Join(statements, "; "), Kind: actionFix, Edit: a.edit(r, fix.Text)})
		}
	}
	return list
}

// rewrites write the command lines of other programs in a range as statements of nsl.
func (d *document) rewrites(ctx context.Context, in Range) []codeAction {
	a := &analysis{}
	statements := map[source.Span][]string{}
	_ = d.walk(ctx, a, func(o *check.Options) {
		o.Each = func(check.Step) {}
		o.Translated = func(c verb.Command, t verb.Translation) {
			if st := a.statementAt(c.At().Start); st != nil {
				statements[st.Span] = append(statements[st.Span], t.Statements...)
			}
		}
	})
	list := []codeAction{}
	for _, at := range slices.SortedFunc(maps.Keys(statements), func(x, y source.Span) int { return x.Start - y.Start }) {
		r, ok := a.place(at)
		if !ok || len(statements[at]) == 0 || at.End < a.at(in.Start) || at.Start > a.at(in.End) {
			continue
		}
		list = append(list, codeAction{Title: "Write as nsl: " + statements[at][0], Kind: actionRewrite,
			Edit: a.edit(r, strings.Join(statements[at], "\n"+a.indent(r)))})
	}
	return list
}
