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
	at := unexplained(answers)
	if at < 0 {
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
	answers[at].Why, err = watched(ctx, env, why.PingRequest(request), func() error {
		_, err := env.Ping(ctx, []plan.Ping{request})
		return err
	})
	return err
}

func (t *tcpProbe) testify(ctx context.Context, env *verb.Env, answers []verb.Answer) error {
	places, err := servicePlaces(env, t.To)
	if err != nil || unexplained(answers) < 0 {
		return err
	}
	list, err := t.questions(ctx, env, t.From, places, "tcp", silence(testimonyWait, slowest(env)))
	if err != nil {
		return err
	}
	return testifyTo(ctx, env, answers, list)
}

func (h *httpProbe) testify(ctx context.Context, env *verb.Env, answers []verb.Answer) error {
	if unexplained(answers) < 0 {
		return nil
	}
	list, err := h.asks(ctx, env, silence(testimonyWait, slowest(env)))
	if err != nil {
		return err
	}
	return testifyTo(ctx, env, answers, list)
}

// unexplained is the first answer for whose silence no reason was found, or -1.
func unexplained(answers []verb.Answer) int {
	return slices.IndexFunc(answers, func(a verb.Answer) bool { return !a.Holds && a.Silent && a.Why == "" })
}

// testifyTo asks the first service again for whose silence no reason was found.
func testifyTo(ctx context.Context, env *verb.Env, answers []verb.Answer, list []ask) (err error) {
	at := unexplained(answers)
	i := slices.IndexFunc(list, func(a ask) bool { return a.subject() == answers[at].Subject && a.answer == nil })
	if i < 0 {
		return nil
	}
	answers[at].Why, err = watched(ctx, env, why.ConnectRequest(list[i].Connect), func() error {
		_, err := env.Connect(ctx, []plan.Connect{list[i].Connect})
		return err
	})
	return err
}

// watched asks while the nodes that have a part in it are watched, and says how far the
// packet got and what the node counted that it reached last.
func watched(ctx context.Context, env *verb.Env, asked why.Request, ask func() error) (string, error) {
	watcher, ok := env.Prober.(plan.Watcher)
	if !ok {
		return "", nil
	}
	nodes := why.Nodes(env, asked)
	before, err := watcher.Drops(nodes)
	if err != nil {
		return "", err
	}
	seen, err := watcher.Watch(ctx, nodes, ask)
	if err != nil {
		return "", err
	}
	after, err := watcher.Drops(nodes)
	if err != nil {
		return "", err
	}
	return why.Testimony(env, asked, seen, before, after), nil
}
