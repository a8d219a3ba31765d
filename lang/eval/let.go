package eval

import (
	"context"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Let is the statement let, NAME = EXPR.
type Let struct {
	Name   string
	NameAt source.Span
	Value  Expr
}

// letWords are the words of let, for completion and near misses.
type letWords struct {
	Name syntax.Free `parser:"'let' @@"`
}

// LetVerb is the statement let.
func LetVerb() *verb.Verb {
	return verb.Define[letWords](verb.Spec{
		Name: "let", Also: []string{"var", "set", "const"}, Group: verb.Language, Role: verb.RoleLet, Summary: "bind a name to a value",
		Usage: []string{"let NAME = EXPRESSION"},
		Doc: `The value is read with ` + "`$name`" + `, or ` + "`${…}`" + ` with an expression inside, in any
word: ` + "`h$i`, `10.0.$i.1/24`, `h${i+1}:eth0`" + `. Binding a name again in the same block
changes it; in an inner block it makes a new one there.

A word has the type of its shape: ` + "`5`" + ` is a number, ` + "`10ms`" + ` a duration, ` + "`1gbit`" + ` a
rate, ` + "`10.0.0.0/24`" + ` a prefix, ` + "`1..5`" + ` and ` + "`<a b>`" + ` are lists, the rest is text.
Operators have blanks around them: ` + "`$n * 2 + 1`" + `; inside ` + "`${…}`" + ` they need none, and
names need no ` + "`$`" + `.

` + "`nsl run lab.nsl --set n=50`" + ` gives a name of the script's outermost block another
value.`,
		Examples: []verb.Example{
			{Note: "A subnet and what is in it.", Code: "let net = 10.1.0.0/24\nns red blue\nlink red <-> blue $net\nexpect addr red ${host(net, 1)}/24\nexpect ping red -> ${host(net, 2)}\n"},
			{Note: "Units add and compare.", Code: "let limit = 10ms + 5ms\nif $limit < 1s { print \"limit is\" $limit }\n"},
		},
		ParseStatement: parseLet,
	})
}

// parseLet reads let.
func parseLet(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t := st.Head()
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	if d := nameAt(st); d != nil {
		if name, value, ok := strings.Cut(t[1].Text, "="); ok && isName(name) && len(t) == 2 {
			d = d.WithHelp("did you mean: let %s = %s", name, value).WithFix(t[1].Span, "", name+" = "+value)
		}
		return nil, one(d)
	}
	if len(t) < 3 || !t[2].Is("=") {
		d := misread(st, 2, "let binds a name to a value: let n = 5")
		if len(t) == 3 {
			d = d.WithHelp("did you mean: let %s = %s", t[1].Text, t[2].Text).WithFix(t[2].Span, "", "= "+t[2].Text)
		}
		return nil, one(d)
	}
	e, d := Parse(t[3:], end(st))
	return &Let{t[1].Text, t[1].Span, e}, one(d)
}

func (n *Let) run(_ context.Context, in *Interp, _ *syntax.Statement) error {
	v, d := in.Eval(n.Value)
	if d != nil {
		in.Scope.Set(n.Name, Unknown{})
		return diag.List{d}
	}
	if preset, ok := in.Preset[n.Name]; ok && in.Scope.outer == nil && len(in.using) == 0 {
		v = preset
	}
	in.Scope.Set(n.Name, v)
	return nil
}

// LetName is the name that a let binds, even one whose value is wrong.
func LetName(table *verb.Table, st *syntax.Statement) (name syntax.Token, ok bool) {
	t := st.Head()
	if len(t) < 2 || table.Role(t[0]) != verb.RoleLet || variableName(t[1]) != nil {
		return syntax.Token{}, false
	}
	return t[1], true
}
