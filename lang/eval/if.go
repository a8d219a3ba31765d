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
` + "`else`" + ` stands on the line of the closing brace.`,
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
			return nil, one(diag.Errorf(diag.Unexpected, st.Parts[i+1].Tokens[0].Span, "nothing comes behind the last else"))
		case isElse:
			n.Branches = append(n.Branches, Branch{Body: p.Block})
			continue
		case !words[0].Is("if"):
			return nil, one(diag.UnexpectedWord(words[0].Span, "if", words[0].Text).
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

func (n *If) run(ctx context.Context, in *Interp, _ *syntax.Statement) error {
	for _, b := range n.Branches {
		if b.Cond == nil {
			return in.block(ctx, b.Body)
		}
		v, d := in.Eval(b.Cond)
		if d != nil {
			return diag.List{d}
		}
		if _, unknown := v.(Unknown); unknown {
			if err := in.block(ctx, b.Body); err != nil {
				return err
			}
			continue // a checker looks at every branch that may be taken
		}
		yes, err := Truth(v)
		if err != nil {
			return diag.List{located(b.Cond.At(), err)}
		}
		if yes {
			return in.block(ctx, b.Body)
		}
	}
	return nil
}
