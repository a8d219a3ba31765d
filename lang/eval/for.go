package eval

import (
	"context"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// For is for NAME in EXPR { … }.
type For struct {
	Name   string
	NameAt source.Span
	Over   Expr
	Body   *syntax.Block
}

// forWords are the words of for, for completion and near misses.
type forWords struct {
	Name syntax.Free `parser:"'for' @@"`
	In   syntax.Free `parser:"'in' @@"`
}

// ForVerb is the statement for.
func ForVerb() *verb.Verb {
	return verb.Define[forWords](verb.Spec{
		Name: "for", Also: []string{"foreach", "repeat", "loop"}, Group: verb.Language, Summary: "run a block once for each item of a list",
		Usage: []string{"for NAME in A..B { … }", "for NAME in <A B …> { … }", "for NAME in $LIST { … }"},
		Doc:   `The name is known inside the block only. ` + "`1..3`" + ` is 1, 2, 3; ` + "`3..1`" + ` counts down.`,
		Examples: []verb.Example{
			{Note: "Three nodes in a row.", Code: "for i in 1..3 { ns h$i }\nfor i in 1..2 { link h$i <-> h${i+1} }\nexpect ping h1 -> h2\n"},
		},
		ParseStatement: parseFor,
	})
}

// parseFor reads for.
func parseFor(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	const usage = "a loop is written: for i in 1..3 { … }"
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	if d := nameAt(st); d != nil {
		return nil, one(d)
	}
	switch {
	case len(t) > 3 && !t[2].Is("in") && rangeMeant(t[3:]) != "":
		return nil, one(diag.UnexpectedWord(t[2].Span, "for", t[2].Text).
			WithHelp("did you mean: for %s in %s { … }", t[1].Text, rangeMeant(t[3:])).WithFix(t[2].Span.To(t[len(t)-1].Span), "", "in "+rangeMeant(t[3:])))
	case len(t) < 3 || !t[2].Is("in"):
		return nil, one(misread(st, 2, usage))
	case body == nil:
		return nil, one(tooShort(st, usage))
	}
	e, d := Parse(t[3:], end(st))
	meant := rangeMeant(t[3:])
	if left := withoutThen(t[3:]); len(left) < len(t[3:]) && meant == "" {
		return nil, one(needless("for", t[len(t)-1]))
	}
	if d != nil && meant != "" {
		d = d.WithHelp("did you mean: for %s in %s { … }", t[1].Text, meant).WithFix(t[3].Span.To(t[len(t)-1].Span), "", meant)
	}
	return &For{t[1].Text, t[1].Span, e, body}, one(d)
}

// rangeMeant is A..B where words say that otherwise, as "A to B" does; "" elsewhere.
func rangeMeant(t []syntax.Token) string {
	t = withoutThen(t)
	if len(t) == 3 && slices.Contains([]string{"to", "until", "-", "...", ".."}, t[1].Text) {
		return t[0].Text + ".." + t[2].Text
	}
	return ""
}

// needless is about a word that other languages have before a block.
func needless(name string, t syntax.Token) *diag.Diagnostic {
	return diag.UnexpectedWord(t.Span, name, t.Text).WithHelp("leave it out: the block follows").WithFix(t.Span, "", "")
}

// withoutThen are words without the one that other languages have before a block.
func withoutThen(t []syntax.Token) []syntax.Token {
	if n := len(t); n > 1 && slices.Contains([]string{"do", "then", ":"}, t[n-1].Text) {
		return t[:n-1]
	}
	return t
}

// run runs the body once for each item, in a scope of its own.
func (n *For) run(ctx context.Context, in *Interp, _ *syntax.Statement) error {
	v, d := in.Eval(n.Over)
	if d != nil {
		return diag.List{d}
	}
	if u, unknown := v.(Unknown); unknown && (u.Like == nil || u.isLike(List{})) {
		return in.oneOf([]func() error{func() error { return n.round(ctx, in, Unknown{}) }, nothing})
	}
	items, ok := v.(List)
	if !ok {
		return diag.List{noList(n.Over.At(), v, in.Scope)}
	}
	if len(n.Body.Statements) == 0 {
		return nil // rounds in which nothing is done would not count as steps
	}
	for _, item := range items {
		if err := n.round(ctx, in, item); err != nil {
			return err
		}
	}
	return nil
}

func noList(at source.Span, v Value, s *Scope) *diag.Diagnostic {
	d := diag.Errorf(diag.BadExpr, at, "a loop goes over a list, not %s", described(v))
	if text, isText := v.(Str); isText {
		if meant := withVariables(string(text), s); meant != "" {
			return d.WithHelp("did you mean: %s", meant).WithFix(at, "", meant)
		}
	}
	return d.WithHelp("for example: for i in 1..3 { … }, for n in <red blue> { … }")
}

// withVariables is A..B with $ before the ends that name a variable, "" if none does.
func withVariables(text string, s *Scope) string {
	first, last, ok := strings.Cut(text, "..")
	if !ok {
		return ""
	}
	ends := []string{first, last}
	for i, end := range ends {
		if _, bound := s.Lookup(end); bound {
			ends[i] = "$" + end
		}
	}
	if meant := strings.Join(ends, ".."); meant != text {
		return meant
	}
	return ""
}

func (n *For) round(ctx context.Context, in *Interp, item Value) error {
	return in.bound(ctx, []binding{{n.Name, item}}, in.Scope, n.Body)
}
