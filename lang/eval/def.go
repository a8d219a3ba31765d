package eval

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Def is def NAME(PARAMS) { … }.
type Def struct{ Function *Function }

// defWords are the words of def, for completion and near misses.
type defWords struct {
	Name syntax.Free `parser:"'def' @@"`
}

// DefVerb is the statement def.
func DefVerb() *verb.Verb {
	return verb.Define[defWords](verb.Spec{
		Name: "def", Also: []string{"function", "func", "fn", "proc"}, Group: verb.Language, Role: verb.RoleDef, Summary: "make a statement of your own",
		Usage: []string{"def NAME(PARAMETER, PARAMETER = DEFAULT) { … }"},
		Doc: `It is called like any other statement, its arguments being words or lists. The
comment right above it is its help text. What it binds with ` + "`let`" + ` stays inside;
the nodes it makes are the lab's.`,
		Examples: []verb.Example{
			{Note: "An office, twice.", Code: "# A switch with its members.\ndef office(name, members, net = auto) {\n  ns $members\n  bridge $name $members $net\n}\noffice sw1 <pc1 pc2>\noffice sw2 <pc3 pc4> 10.2.0.0/24\nexpect ping pc1 -> pc2\nexpect ping pc3 -> 10.2.0.2\n"},
		},
		ParseStatement: parseDef,
	})
}

// parseDef reads def.
func parseDef(table *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	const usage = "a statement of your own is written: def lan(name, members, net = auto) { … }"
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	if len(t) == 2 && body != nil && functionName(t[1]) == nil {
		return nil, one(diag.Errorf(diag.TooShort, t[1].Span, "def: %s has no parentheses", t[1].Text).
			WithHelp("did you mean: def %s() { … }", t[1].Text).WithFix(t[1].Span, "", t[1].Text+"()"))
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

func (n *Def) run(_ context.Context, in *Interp, _ *syntax.Statement) error {
	f := n.Function
	if old := in.Scope.defs[f.Name]; old != nil && old.At != f.At {
		return diag.List{Taken(f, old.At)}
	}
	defined := *f
	defined.Scope = in.Scope
	in.Scope.defs[f.Name] = &defined
	return nil
}

// params reads what is between the parentheses of def.
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

// param reads one parameter; at is the comma after it.
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
		return p, diag.UnexpectedWord(t[1].Span, "def", t[1].Text).WithHelp("a default is written: name = value")
	}
	e, d := Parse(t[2:], t[1].Span)
	p.Default = e
	return p, d
}

// DefName is the name that a def defines, even one that is wrong after it.
func DefName(table *verb.Table, st *syntax.Statement) (name syntax.Token, ok bool) {
	t := st.Head()
	if len(t) < 2 || table.Role(t[0]) != verb.RoleDef || table.Verb(t[1].Text) != nil || functionName(t[1]) != nil {
		return syntax.Token{}, false
	}
	return t[1], true
}
