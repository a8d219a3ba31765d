package eval

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Defer is defer STATEMENT. [Interp] runs it when the block ends.
type Defer struct{ Statement *syntax.Statement }

// deferWords are the words of defer, for completion and near misses.
type deferWords struct {
	Statement syntax.Rest `parser:"'defer' @@"`
}

// DeferVerb is the statement defer.
func DeferVerb() *verb.Verb {
	return verb.Define[deferWords](verb.Spec{
		Name: "defer", Group: verb.Language, Role: verb.RoleDefer, Summary: "run a statement when the block ends",
		Usage: []string{"defer STATEMENT"},
		Doc: `It runs when the enclosing block ends, or the script, even when that ends with an
error. The last one deferred runs first.`,
		Examples: []verb.Example{
			{Note: "Tidy up in any case.", Code: "ns red blue\nlink red <-> blue\nif true {\n  down red\n  defer up red\n  expect not ping blue -> red\n}\nexpect ping blue -> red\n"},
		},
		ParseStatement: parseDefer,
	})
}

// parseDefer reads defer; what it defers is parsed when it is run.
func parseDefer(table *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	if len(st.Head()) < 2 {
		return nil, one(tooShort(st, "say what is deferred: defer up red:veth-red"))
	}
	inner := &syntax.Statement{Span: st.Span, Parts: append([]syntax.Part(nil), st.Parts...)}
	inner.Parts[0].Tokens = inner.Parts[0].Tokens[1:]
	inner.Span.Start = inner.Verb().Span.Start
	if v := inner.Verb(); table.Role(v) == verb.RoleDefer {
		return nil, one(diag.Errorf(diag.Unexpected, v.Span, "what is deferred cannot be deferred again").WithHelp("once is enough"))
	}
	return &Defer{inner}, nil
}

// Deferred is what a defer statement defers: nil where the statement is no defer,
// or a wrong one, which has findings.
func Deferred(table *verb.Table, st *syntax.Statement) (*syntax.Statement, diag.List) {
	if st.Bad || table.Role(st.Verb()) != verb.RoleDefer {
		return nil, nil
	}
	p, list := table.Parse(st)
	if d, ok := p.Node.(*Defer); ok {
		return d.Statement, nil
	}
	return nil, list
}

// DeferredTime is how long what is deferred may go on after a signal has ended the rest.
const DeferredTime = 10 * time.Second

// Deferring is the context of the deferred statements of a block whose own is ctx: they run
// even when Ctrl-C ended the block, but not for ever. The caller calls cancel after them.
func Deferring(ctx context.Context) (deferring context.Context, cancel context.CancelFunc) {
	deferring, end := context.WithCancel(context.WithoutCancel(ctx))
	late := make(chan *time.Timer, 1)
	stop := context.AfterFunc(ctx, func() { late <- time.AfterFunc(DeferredTime, end) })
	return deferring, func() {
		end()
		if !stop() {
			(<-late).Stop()
		}
	}
}
