package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/plan"
	"nsl/runtime/report"
)

// renameable is the name at a place, if it can be changed.
func renameable(_ context.Context, d *document, p aboutPlace) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	at := a.at(p.Position)
	name, list := a.occurrences(at)
	if err := a.fixed(name, list); err != nil {
		return nil, invalid(err)
	}
	for _, o := range list {
		if r, ok := a.place(o.at); ok && holds(o.at, at) {
			return map[string]any{"range": r, "placeholder": name}, nil
		}
	}
	return nil, nil
}

// fixed is why a symbol cannot be renamed.
func (a *analysis) fixed(name string, list []occurrence) error {
	if len(list) == 0 {
		return fmt.Errorf("here is no name of the script's")
	}
	if name == plan.Host || name == plan.Loopback {
		return fmt.Errorf("%s is the kernel's, or nsl's own, name", name)
	}
	if !slices.ContainsFunc(list, func(o occurrence) bool { return o.declaration }) {
		return fmt.Errorf("%s is not made by a word of this document, so its name follows from others", name)
	}
	for _, o := range list {
		if _, here := a.place(o.at); !here {
			return fmt.Errorf("%s is used in other files too", name)
		}
		if o.computed {
			return fmt.Errorf("%s: the name is computed, as %s in line %d", name, a.set.Text(o.at), a.set.Position(o.at.Start).Line)
		}
	}
	return nil
}

// renamed changes a name wherever it is, with the names that follow from it: veth-red is
// the interface of a cable to red. The result is proved: what the script would do is the
// same, but for the name.
func renamed(ctx context.Context, d *document, p aboutRename) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	name, list := a.occurrences(a.at(p.Position))
	if err := a.fixed(name, list); err != nil {
		return nil, invalid(err)
	}
	if a.list.HasErrors() {
		return nil, invalid(fmt.Errorf("the script has errors: what a new name would change cannot be known before they are corrected"))
	}
	edits := map[source.Span]string{}
	for _, o := range list {
		edits[o.at] = p.NewName
	}
	a.follow(name, p.NewName, edits)
	if err := a.prove(ctx, name, p.NewName, edits); err != nil {
		return nil, invalid(err)
	}
	return a.changes(edits), nil
}

// follow adds the interfaces whose names follow from a node's.
func (a *analysis) follow(old, name string, edits map[source.Span]string) {
	for _, s := range a.sites {
		if s.computed || s.link == "" || s.makes || edits[s.at] != "" {
			continue
		}
		if link := replaced(s.link, old, name); link != s.link && !a.makes(s) {
			edits[s.at] = link
		}
	}
}

// makes reports whether a word of the text makes what a site names.
func (a *analysis) makes(s site) bool {
	return slices.ContainsFunc(a.sites, func(o site) bool { return o.makes && o.same(s) })
}

// replaced is a text with another name in the place of one, where that is a whole word.
func replaced(text, old, name string) string {
	var b strings.Builder
	for text != "" {
		i := strings.Index(text, old)
		if i < 0 {
			break
		}
		end := i + len(old)
		b.WriteString(text[:i])
		if i > 0 && isWord(text[i-1]) || end < len(text) && isWord(text[end]) {
			b.WriteString(text[i:end])
		} else {
			b.WriteString(name)
		}
		text = text[end:]
	}
	return b.String() + text
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// prove checks the text with the edits, and compares what both would do.
func (a *analysis) prove(ctx context.Context, old, name string, edits map[source.Span]string) error {
	next := a.server.newDocument(a.uri, a.version, a.withEdits(edits))
	defer next.cancel()
	before, _ := a.document.commands(ctx)
	after, list := next.commands(ctx)
	for _, d := range list {
		if d.Severity != diag.Warning {
			return fmt.Errorf("with the name %s: %s", name, d.Summary)
		}
	}
	if len(before) != len(after) {
		return fmt.Errorf("with the name %s the script would do something else", name)
	}
	for i := range before {
		if before[i] != after[i] && replaced(before[i], old, name) != after[i] {
			return fmt.Errorf("with the name %s the script would do something else: %s in the place of %s", name, after[i], before[i])
		}
	}
	return nil
}

// commands is all that the script would do, as commands, and the findings about it.
func (d *document) commands(ctx context.Context) ([]string, diag.List) {
	var commands []string
	list := d.walk(ctx, &analysis{}, func(o *check.Options) {
		o.Each = func(s check.Step) { commands = append(commands, report.Commands(s.Ops)...) }
	})
	return commands, list
}

// ordered are the places of edits from the first to the last.
func ordered(edits map[source.Span]string) []source.Span {
	list := make([]source.Span, 0, len(edits))
	for at := range edits {
		list = append(list, at)
	}
	slices.SortFunc(list, func(x, y source.Span) int { return x.Start - y.Start })
	return list
}

func (a *analysis) withEdits(edits map[source.Span]string) string {
	var b strings.Builder
	from := 0
	for _, at := range ordered(edits) {
		start, end, _ := a.span(at)
		b.WriteString(a.text[from:start] + edits[at])
		from = end
	}
	return b.String() + a.text[from:]
}

func (a *analysis) changes(edits map[source.Span]string) WorkspaceEdit {
	list := []TextEdit{}
	for _, at := range ordered(edits) {
		r, _ := a.place(at)
		list = append(list, TextEdit{r, edits[at]})
	}
	return WorkspaceEdit{map[string][]TextEdit{a.uri: list}}
}
