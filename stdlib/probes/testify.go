package probes

import (
	"context"
	"slices"
	"time"

	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/why"
)

// testifier is a probe that can be asked once more while it is watched.
type testifier interface {
	// testify says of the first answer for whose silence no reason was found how far
	// the packet gets.
	testify(ctx context.Context, env *verb.Env, answers []verb.Answer) error
}

// testimony watches the probe where the state of the lab does not explain an answer.
func (e *expect) testimony(ctx context.Context, env *verb.Env, r verb.Expectation) error {
	t, ok := e.Node.(testifier)
	if !ok || r.Held || e.Not {
		return nil
	}
	return t.testify(ctx, env, r.Answers)
}

// testimonyWait is how long a watched request may take; three times the slowest round
// trip of the lab if that is longer.
const testimonyWait = 50 * time.Millisecond

func (pg *pingProbe) testify(ctx context.Context, env *verb.Env, answers []verb.Answer) error {
	at := slices.IndexFunc(answers, func(a verb.Answer) bool { return !a.Holds && a.Silent && a.Why == "" })
	watcher, ok := env.Prober.(plan.Watcher)
	if at < 0 || !ok {
		return nil
	}
	pairs, err := pg.pairs(snapshotOf(env), silence(testimonyWait, slowest(env)))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.subject() == answers[at].Subject && p.answer == nil })
	if i < 0 {
		return nil
	}
	request := pairs[i].request
	request.Count, request.Again = 1, 0
	asked := why.PingRequest(request)
	seen, err := watcher.Watch(ctx, why.Nodes(env, asked), func() error {
		_, err := env.Ping(ctx, []plan.Ping{request})
		return err
	})
	if err != nil {
		return err
	}
	_, answers[at].Why, _ = why.Story(env, asked, seen)
	return nil
}
