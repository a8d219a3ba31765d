package engine

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// skip ends the test block or the script, or fails where nothing may be skipped.
func (s *Session) skip(skip *verb.Skip) error {
	if !s.NoSkip {
		return skip
	}
	return diag.List{diag.New(diag.MayNotSkip, diag.Failure, skip.At, "skipped: %s", skip.Reason).
		WithHelp("--no-skip makes a failure of what would be skipped")}
}

func (s *Session) env(st *syntax.Statement) *verb.Env {
	streams := s.Streams
	if s.Printed != nil {
		streams.Out = s.Printed
	}
	env := &verb.Env{
		Lab: s.Lab, Streams: streams, Table: s.Interp.Table,
		Prober: s.World,
		Exec: func(ctx context.Context, node string, argv []string, io verb.Streams) (int, error) {
			defer s.Lab.Changed()
			return s.World.Exec(ctx, node, argv, io)
		},
		SetAuto: s.Lab.SetAuto, Slowest: &s.slowest,
		Report: func(e verb.Expectation) {
			if s.reads.fault != nil {
				return
			}
			if e.Held {
				s.Held++
			} else {
				s.Failed++
			}
			e.Calls, e.With = s.at.Calls, s.at.With
			s.Observer.Expected(st, e)
		},
	}
	if observer, ok := s.Observer.(RetryObserver); ok {
		env.Tried = func(e verb.Expectation) { observer.Tried(st, e) }
	}
	return env
}
