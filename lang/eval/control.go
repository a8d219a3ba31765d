package eval

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// The statements of the language itself, parsed. Package stdlib documents each
// of them; [Interp] runs them.
type (
	// Let is let NAME = EXPR.
	Let struct {
		Name   string
		NameAt source.Span
		Value  Expr
	}
	// For is for NAME in EXPR { … }.
	For struct {
		Name   string
		NameAt source.Span
		Over   Expr
		Body   *syntax.Block
	}
	// Branch is one arm of if; the last may have no condition.
	Branch struct {
		Cond Expr
		Body *syntax.Block
	}
	// If is if EXPR { … } else if EXPR { … } else { … }.
	If struct{ Branches []Branch }
	// Def is def NAME(PARAMS) { … }.
	Def struct{ Function *Function }
	// Use is use "FILE" or use std/NAME.
	Use struct {
		Target   string
		TargetAt source.Span
	}
	// Test is test "NAME" { … }.
	Test struct {
		Name Expr
		Body *syntax.Block
	}
	// Defer is defer STATEMENT.
	Defer struct{ Statement *syntax.Statement }
	// Print is print EXPR….
	Print struct{ Values []Expr }
)

// ParseLet reads let.
func ParseLet(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t := st.Head()
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	if d := nameAt(st); d != nil {
		return nil, one(d)
	}
	if len(t) < 3 || !t[2].Is("=") {
		return nil, one(misread(st, 2, "let binds a name to a value: let n = 5"))
	}
	e, d := Parse(t[3:], end(st))
	return &Let{t[1].Text, t[1].Span, e}, one(d)
}

// ParseFor reads for.
func ParseFor(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	const usage = "a loop is written: for i in 1..3 { … }"
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	if d := nameAt(st); d != nil {
		return nil, one(d)
	}
	switch {
	case len(t) < 3 || !t[2].Is("in"):
		return nil, one(misread(st, 2, usage))
	case body == nil:
		return nil, one(tooShort(st, usage))
	}
	e, d := Parse(t[3:], end(st))
	return &For{t[1].Text, t[1].Span, e, body}, one(d)
}

// ParseIf reads if and what belongs to it.
func ParseIf(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	n := &If{}
	for i, p := range st.Parts {
		words := p.Tokens
		isElse := i > 0 && len(words) == 1
		if i > 0 {
			words = words[1:] // else
		}
		switch {
		case p.Block == nil:
			return nil, one(tooShort(st, "a branch is written: if $n > 1 { … } else { … }"))
		case isElse && i < len(st.Parts)-1:
			return nil, one(diag.Errorf(diag.Unexpected, st.Parts[i+1].Tokens[0].Span, "nothing comes behind the last else"))
		case isElse:
			n.Branches = append(n.Branches, Branch{Body: p.Block})
			continue
		case !words[0].Is("if"):
			return nil, one(diag.Errorf(diag.Unexpected, words[0].Span, "if: %s has no place here", words[0].Text).
				WithHelp("a branch is written: if $n > 1 { … } else { … }"))
		}
		e, d := Parse(words[1:], words[0].Span)
		if d != nil {
			return nil, one(d)
		}
		n.Branches = append(n.Branches, Branch{e, p.Block})
	}
	return n, nil
}

// ParseTest reads test.
func ParseTest(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	if len(t) > 2 || body == nil {
		return nil, one(misread(st, 2, `a test is written: test "what it shows" { … }`))
	}
	e, d := Parse(t[1:], end(st))
	return &Test{e, body}, one(d)
}

// ParseDefer reads defer; what it defers is parsed when it is run.
func ParseDefer(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	if len(st.Head()) < 2 {
		return nil, one(tooShort(st, "say what is deferred: defer up red:veth-red"))
	}
	inner := &syntax.Statement{Span: st.Span, Parts: append([]syntax.Part(nil), st.Parts...)}
	inner.Parts[0].Tokens = inner.Parts[0].Tokens[1:]
	inner.Span.Start = inner.Verb().Span.Start
	if v := inner.Verb(); v.Is("defer") {
		return nil, one(diag.Errorf(diag.Unexpected, v.Span, "what is deferred cannot be deferred again").WithHelp("once is enough"))
	}
	return &Defer{inner}, nil
}

// ParseUse reads use.
func ParseUse(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t := st.Head()
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	if len(t) != 2 || t[1].Dynamic {
		return nil, one(misread(st, 2, `say which module: use "lib/router.nsl", or use std/lan`))
	}
	return &Use{t[1].Value(), t[1].Span}, nil
}

// ParsePrint reads print.
func ParsePrint(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	list, d := ParseAll(st.Head()[1:])
	return &Print{list}, one(d)
}

// ParseDef reads def.
func ParseDef(table *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	const usage = "a statement of your own is written: def lan(name, members, net = auto) { … }"
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	switch last := len(t) - 1; {
	case last < 2 || t[2].Kind != syntax.ParenOpen:
		return nil, one(misread(st, 2, usage))
	case t[last].Kind != syntax.ParenClose:
		return nil, one(misread(st, last, usage))
	case body == nil:
		return nil, one(tooShort(st, usage))
	}
	f := &Function{Name: t[1].Text, At: t[1].Span, Body: body, Doc: st.Doc}
	if table.Verb(f.Name) != nil {
		return nil, one(diag.Errorf(diag.NameTaken, t[1].Span, "%s is a statement of the language", f.Name).WithHelp("choose another name"))
	}
	if d := functionName(t[1]); d != nil {
		return nil, one(d)
	}
	var d *diag.Diagnostic
	f.Params, d = params(t[3 : len(t)-1])
	return &Def{f}, one(d)
}

// params reads what stands between the parentheses of def.
func params(t []syntax.Token) ([]Param, *diag.Diagnostic) {
	var list []Param
	seen := map[string]bool{}
	for len(t) > 0 {
		next := commaIn(t)
		p, d := param(t[:next], t[min(next, len(t)-1)].Span)
		switch {
		case d != nil:
			return nil, d
		case seen[p.Name]:
			return nil, diag.Errorf(diag.NameTaken, p.At, "there is a parameter %q already", p.Name)
		case p.Default == nil && len(list) > 0 && list[len(list)-1].Default != nil:
			return nil, diag.Errorf(diag.BadArgs, p.At, "%s has no default, but a parameter before it has", p.Name).
				WithHelp("parameters with a default come last")
		}
		seen[p.Name] = true
		list = append(list, p)
		t = t[min(next+1, len(t)):]
	}
	return list, nil
}

// commaIn is the place of the first comma that no bracket holds, or the end.
func commaIn(t []syntax.Token) int {
	depth := 0
	for i, tok := range t {
		switch tok.Kind {
		case syntax.ParenOpen, syntax.ListOpen:
			depth++
		case syntax.ParenClose, syntax.ListClose:
			depth--
		case syntax.Comma:
			if depth == 0 {
				return i
			}
		}
	}
	return len(t)
}

// param reads one parameter; at is the comma behind it.
func param(t []syntax.Token, at source.Span) (Param, *diag.Diagnostic) {
	if len(t) == 0 {
		return Param{}, diag.Errorf(diag.BadArgs, at, "a parameter is missing before the comma")
	}
	if d := variableName(t[0]); d != nil {
		return Param{}, d
	}
	p := Param{Name: t[0].Text, At: t[0].Span}
	switch {
	case len(t) == 1:
		return p, nil
	case !t[1].Is("="):
		return p, diag.Errorf(diag.Unexpected, t[1].Span, "%s has no place here", t[1].Text).WithHelp("a default is written: name = value")
	}
	e, d := Parse(t[2:], t[1].Span)
	p.Default = e
	return p, d
}
