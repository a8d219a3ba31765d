package lsp

import (
	"context"

	"nsl/lang/check"
	"nsl/lang/source"
)

// occurrence is a place where the symbol is named that the cursor is on.
type occurrence struct {
	at          source.Span
	declaration bool
	computed    bool
}

// occurrences are all places of the symbol at an offset. Variables and functions are found by
// their scopes, nodes and interfaces by their names.
func (a *analysis) occurrences(at int) (name string, list []occurrence) {
	for _, n := range a.named {
		if holds(a.nameIn(n), at) {
			return n.Name, a.ofName(n)
		}
	}
	for _, s := range a.sites {
		if holds(s.at, at) {
			return s.name(), a.ofSite(s)
		}
	}
	return "", nil
}

func (s site) name() string {
	if s.link != "" {
		return s.link
	}
	return s.node
}

// nameIn is the name itself in the place where it is used, which may have a $ and braces.
func (a *analysis) nameIn(n check.Named) source.Span {
	text := a.set.Text(n.At)
	for from := range len(text) {
		if len(text)-from >= len(n.Name) && text[from:from+len(n.Name)] == n.Name && (from > 0 || n.Function || len(text) == len(n.Name)) {
			return source.Span{Start: n.At.Start + from, End: n.At.Start + from + len(n.Name)}
		}
	}
	return n.At
}

func (a *analysis) ofName(n check.Named) []occurrence {
	var list []occurrence
	seen := map[source.Span]bool{}
	for _, o := range a.named {
		at := a.nameIn(o)
		if o.Def != n.Def || o.Function != n.Function || seen[at] {
			continue
		}
		seen[at] = true
		list = append(list, occurrence{at, o.At == o.Def, a.set.Text(at) != n.Name})
	}
	return list
}

func (a *analysis) ofSite(s site) []occurrence {
	var list []occurrence
	for _, o := range a.sites {
		if o.same(s) {
			list = append(list, occurrence{o.at, o.makes, o.computed})
		}
	}
	return list
}

// defined is where the symbol at a place is made.
func defined(_ context.Context, d *document, p aboutPlace) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	for _, u := range a.useStatements() {
		if holds(u.TargetAt, a.at(p.Position)) {
			return a.module(u.Target), nil
		}
	}
	_, list := a.occurrences(a.at(p.Position))
	var found []Location
	for _, o := range list {
		if l, ok := a.location(o.at); ok && o.declaration {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		found = a.definitions(a.at(p.Position))
	}
	return found, nil
}

// definitions are where the variable or function at an offset is made, which may be in a
// module.
func (a *analysis) definitions(at int) []Location {
	for _, n := range a.named {
		if l, ok := a.location(n.Def); ok && holds(n.At, at) {
			return []Location{l}
		}
	}
	return nil
}

// module is the beginning of a module's file.
func (a *analysis) module(target string) []Location {
	if name := a.moduleFile(target); name != "" {
		return []Location{{URI: fileURI(name)}}
	}
	return nil
}

// referenced are all places of the symbol at a place.
func referenced(_ context.Context, d *document, p aboutReferences) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	_, list := a.occurrences(a.at(p.Position))
	found := []Location{}
	for _, o := range list {
		if l, ok := a.location(o.at); ok && (p.Context.IncludeDeclaration || !o.declaration) {
			found = append(found, l)
		}
	}
	return found, nil
}

// highlighted are the places of the symbol in this document: 3 is where it is made, 2
// where it is named.
func highlighted(_ context.Context, d *document, p aboutPlace) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	_, list := a.occurrences(a.at(p.Position))
	found := []highlight{}
	for _, o := range list {
		if r, ok := a.place(o.at); ok {
			kind := 2
			if o.declaration {
				kind = 3
			}
			found = append(found, highlight{r, kind})
		}
	}
	return found, nil
}
