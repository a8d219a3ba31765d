package eval

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Test is test "NAME" { … }.
type Test struct {
	Name Expr
	Body *syntax.Block
}

// testWords are the words of test, for completion and near misses.
type testWords struct {
	Name syntax.Free `parser:"'test' @@"`
}

// TestVerb is the statement test.
func TestVerb() *verb.Verb {
	return verb.Define[testWords](verb.Spec{
		Name: "test", Group: verb.Expecting, Role: verb.RoleTest, Summary: "a named group whose changes are undone when it ends",
		Usage: []string{`test "NAME" { … }`},
		Doc: `What the statements in it changed is as before when it ends, whether its
expectations held or not: an interface taken down is up again with its addresses
and routes, an added route or rule is gone. A node cannot be deleted in a test,
for it could not be given back. What exec changed in the network is undone, too, but not
what it did to files, and not what spawned programs do.`,
		Examples: []verb.Example{
			{Note: "A failure that leaves no traces.", Code: "ns red blue\nlink red <-> blue\ntest \"no cable, no ping\" {\n  down red:veth-red\n  expect not ping red -> blue\n}\nexpect ping red -> blue\n"},
		},
		ParseStatement: parseTest,
	})
}

// parseTest reads test.
func parseTest(table *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t, body := st.Head(), st.Parts[0].Block
	if d := noElse(st); d != nil {
		return nil, one(d)
	}
	if body == nil && len(t) > 2 && table.Probe(t[1].Text) != nil {
		return nil, one(misread(st, 2, "did you mean: expect "+t[1].Text+" …").WithFix(t[0].Span, "", "expect"))
	}
	if len(t) > 2 || body == nil {
		return nil, one(misread(st, 2, `a test is written: test "what it shows" { … }`))
	}
	e, d := Parse(t[1:], end(st))
	return &Test{e, body}, one(d)
}

func (n *Test) run(ctx context.Context, in *Interp, st *syntax.Statement) error {
	v, d := in.Eval(n.Name)
	if d != nil {
		return diag.List{d}
	}
	name, d := in.text(n.Name.At(), v)
	if d != nil {
		return diag.List{d}
	}
	return in.Host.Test(ctx, name, st.Span, func() error { return in.block(ctx, n.Body) })
}
