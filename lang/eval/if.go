package eval

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// If is if EXPR { … } else if EXPR { … } else { … }.
type If struct{ Branches []Branch }

// Branch is one arm of if; the last may have no condition.
type Branch struct {
	Cond Expr
	Body *syntax.Block
}

// ifWords are the words of if, for completion and near misses.
type ifWords struct {
	Condition syntax.Free `parser:"'if' @@ ('else' 'if')?"`
}

// IfVerb is the statement if.
func IfVerb() *verb.Verb {
	return verb.Define[ifWords](verb.Spec{
		Name: "if", Group: verb.Language, Summary: "run a block when a condition holds",
		Usage: []string{"if CONDITION { … }", "if CONDITION { … } else if CONDITION { … } else { … }"},
		Doc: `A condition is true or false: ` + "`==` `!=` `<` `<=` `>` `>=` `in` `and` `or` `not`" + `.
` + "`else`" + ` is on the line of the closing brace.`,
		Examples: []verb.Example{
			{Note: "A size that is chosen outside.", Code: "let n = 2\nif $n > 1 { ns red blue } else { ns red }\nexpect ns blue\n"},
		},
		ParseStatement: parseIf,
	})
}

// parseIf reads if and what belongs to it.
func parseIf(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
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
			return nil, one(diag.Errorf(diag.Unexpected, st.Parts[i+1].Tokens[0].Span, "nothing comes after the last else"))
		case isElse:
			n.Branches = append(n.Branches, Branch{Body: p.Block})
			continue
		case !words[0].Is("if"):
			return nil, one(diag.UnexpectedWord(words[0].Span, "if", words[0].Text).
				WithHelp("a branch is written: if $n > 1 { … } else { … }"))
		}
		if left := withoutThen(words); len(left) < len(words) {
			return nil, one(needless("if", words[len(left)]))
		}
		e, d := Parse(words[1:], words[0].Span)
		if d != nil {
			return nil, one(d)
		}
		n.Branches = append(n.Branches, Branch{e, p.Block})
	}
	return n, nil
}

// run runs the first branch whose condition holds. In a check it is one of several
// where conditions are not known.
func (n *If) run(ctx context.Context, in *Interp, st *syntax.Statement) error {
	var maybe []func() error
	for _, b := range n.Branches {
		yes, known, d := in.holds(b.Cond)
		take := func() error { return in.block(ctx, b.Body) }
		switch {
		case d != nil && len(maybe) == 0:
			return diag.List{d}
		case d != nil:
			return in.oneOf(append(maybe, func() error { return in.caught(st, diag.List{d}) }))
		case !known:
			maybe = append(maybe, take)
		case yes && len(maybe) == 0:
			return take()
		case yes:
			return in.oneOf(append(maybe, take))
		}
	}
	if len(maybe) == 0 {
		return nil
	}
	return in.oneOf(append(maybe, nothing))
}

// holds is the truth of a condition; nil is that of else.
func (in *Interp) holds(cond Expr) (yes, known bool, d *diag.Diagnostic) {
	if cond == nil {
		return true, true, nil
	}
	v, d := in.Eval(cond)
	u, unknown := v.(Unknown)
	if d != nil || unknown && u.Like == nil {
		return false, false, d
	}
	yes, err := Truth(v)
	return yes, !unknown, located(cond.At(), err)
}

// nothing is what is done where no condition holds.
func nothing() error { return nil }

// oneOf does in a check what a run would do one of.
func (in *Interp) oneOf(alternatives []func() error) error {
	before := in.Ran
	after := before
	for i, do := range alternatives {
		alternatives[i] = func() error {
			in.Ran = before
			err := do()
			if in.Ran != before {
				after = in.Ran
			}
			return err
		}
	}
	in.maybe++
	err := in.Host.OneOf(alternatives)
	in.maybe--
	in.Ran = after
	return err
}
