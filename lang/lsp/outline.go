package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"nsl/lang/script"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// outlined are the tests, definitions, nodes and variables of a document.
func outlined(_ context.Context, d *document, _ about) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	return a.outline(a.tree.Statements), nil
}

func (a *analysis) outline(statements []*syntax.Statement) []documentSymbol {
	list := []documentSymbol{}
	for _, st := range statements {
		var inner []documentSymbol
		for _, p := range st.Parts {
			if p.Block != nil {
				inner = append(inner, a.outline(p.Block.Statements)...)
			}
		}
		if s, ok := a.heading(st); ok {
			s.Children = inner
			list = append(list, s)
			continue
		}
		list = append(append(list, a.nodesMade(st)...), inner...)
	}
	return list
}

// heading is a statement that names something of the script's: a test, a definition.
func (a *analysis) heading(st *syntax.Statement) (documentSymbol, bool) {
	kind := map[verb.Role]int{verb.RoleTest: symbolTest, verb.RoleDef: symbolFunction, verb.RoleLet: symbolVariable, verb.RoleUse: symbolModule}[a.table().Role(st.Verb())]
	head := st.Head()
	if kind == 0 || len(head) < 2 {
		return documentSymbol{}, false
	}
	all, _ := a.place(st.Span)
	name, ok := a.place(head[1].Span)
	return documentSymbol{Name: nonEmpty(head[1].Value()), Kind: kind, Range: all, SelectionRange: name}, ok
}

// nonEmpty is a name that editors accept.
func nonEmpty(s string) string {
	if strings.TrimSpace(s) == "" {
		return "(no name)"
	}
	return s
}

// nodesMade are the nodes and interfaces that a statement makes by name.
func (a *analysis) nodesMade(st *syntax.Statement) []documentSymbol {
	var list []documentSymbol
	all, ok := a.place(st.Span)
	for _, s := range a.sites {
		if !ok || !s.makes || s.computed || s.at.Start < st.Span.Start || s.at.End > st.Span.End {
			continue
		}
		r, _ := a.place(s.at)
		kind := symbolNode
		if s.link != "" {
			kind = symbolInterface
		}
		list = append(list, documentSymbol{Name: s.symbol(), Kind: kind, Range: all, SelectionRange: r})
	}
	return list
}

// symbols are those of all open documents whose names have the letters of a query in
// their order.
func symbols(s *server, raw json.RawMessage) (answer, error) {
	var p struct {
		Query string `json:"query"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, invalid(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	docs := make([]*document, 0, len(s.docs))
	for _, d := range s.docs {
		docs = append(docs, d)
	}
	return func(context.Context) (any, error) {
		list := []symbolInformation{}
		for _, d := range docs {
			if a := d.analysis(); a != nil {
				list = append(list, flattened(d.uri, p.Query, a.outline(a.tree.Statements))...)
			}
		}
		return list, nil
	}, nil
}

func flattened(uri, query string, tree []documentSymbol) []symbolInformation {
	var list []symbolInformation
	for _, s := range tree {
		if inOrder(strings.ToLower(query), strings.ToLower(s.Name)) {
			list = append(list, symbolInformation{s.Name, s.Kind, Location{uri, s.SelectionRange}})
		}
		list = append(list, flattened(uri, query, s.Children)...)
	}
	return list
}

// inOrder reports whether a name has the letters of a query, others between them or not.
func inOrder(query, name string) bool {
	for _, r := range query {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+len(string(r)):]
	}
	return true
}

// folded are the blocks and the comments of several lines.
func folded(_ context.Context, d *document, _ about) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	list := []foldingRange{}
	each(a.tree.Statements, func(st *syntax.Statement) {
		for _, p := range st.Parts {
			if p.Block == nil {
				continue
			}
			if r, ok := a.place(p.Block.Span); ok && r.End.Line-1 > r.Start.Line {
				list = append(list, foldingRange{StartLine: r.Start.Line, EndLine: r.End.Line - 1})
			}
		}
	})
	return append(list, a.comments()...), nil
}

// comments are those of several whole lines.
func (a *analysis) comments() []foldingRange {
	var list []foldingRange
	first, last := -1, -2
	flush := func() {
		if last > first {
			list = append(list, foldingRange{first, last, "comment"})
		}
	}
	for _, t := range a.tree.Tokens {
		if t.Kind != syntax.Comment {
			continue
		}
		r, _ := a.place(t.Span)
		if strings.TrimSpace(a.text[a.starts[r.Start.Line]:a.offset(r.Start)]) != "" {
			continue
		}
		if r.Start.Line != last+1 {
			flush()
			first = r.Start.Line
		}
		last = r.Start.Line
	}
	flush()
	return list
}

// linked are the files of modules.
func linked(_ context.Context, d *document, _ about) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	list := []documentLink{}
	for _, u := range a.useStatements() {
		if name := a.moduleFile(u.Target); name != "" {
			if r, ok := a.place(u.TargetAt); ok {
				list = append(list, documentLink{r, fileURI(name)})
			}
		}
	}
	return list, nil
}

// moduleFile is the file of a module, "" for one of the library.
func (a *analysis) moduleFile(target string) string {
	if name := script.ModuleFile(a.file.Name, target); filepath.IsAbs(name) {
		return name
	}
	return ""
}

// lenses offer to run the script, to test it and to show its commands, and to run each test.
// The editor's extension has the commands.
func lenses(_ context.Context, d *document, _ about) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	list := []codeLens{}
	if strings.HasPrefix(a.file.Name, "/") && len(a.tree.Statements) > 0 {
		top := Range{}
		for _, c := range []string{"run", "test", "explain"} {
			list = append(list, codeLens{top, command{c, "nsl." + c, []any{a.uri}}})
		}
	}
	for _, st := range a.tree.Statements {
		if r, ok := a.place(st.Span); ok && a.table().Role(st.Verb()) == verb.RoleTest && len(st.Head()) > 1 {
			list = append(list, codeLens{r, command{"run test", "nsl.test", []any{a.uri, st.Head()[1].Value()}}})
		}
	}
	return list, nil
}
