package converge

import (
	"context"

	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
)

// Asking has a session ask what a script expects of the lab as it is: what builds is not done
// again, except in test blocks, which undo what they change.
func Asking(s *engine.Session) { s.Interp.Host = &asking{Session: s} }

// asking is a session that leaves out the statements that build.
type asking struct {
	*engine.Session
	tests int
}

// Statement does a statement that asks, or that a test block has.
func (a *asking) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if _, builds := p.Node.(verb.Planner); builds && a.tests == 0 {
		return nil
	}
	return a.Session.Statement(ctx, p, at)
}

// Test brackets a test block.
func (a *asking) Test(ctx context.Context, name string, at source.Span, body func() error) error {
	a.tests++
	defer func() { a.tests-- }()
	return a.Session.Test(ctx, name, at, body)
}
