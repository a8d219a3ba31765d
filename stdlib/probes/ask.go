package probes

import (
	"context"
	"errors"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/verb"
)

// pauses between two tries: short at first, for what is nearly there.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
	// firstWait and lastWait bound how long one try waits for an answer.
	firstWait = 100 * time.Millisecond
	lastWait  = time.Second
	// leastWait is what the last try gets however little is left, or it would
	// see nothing of an answer that every other one saw.
	leastWait = 20 * time.Millisecond
)

// Run asks until the expectation holds or its time is up.
func (e *expect) Run(ctx context.Context, env *verb.Env) error {
	result, err := e.ask(ctx, env)
	if err != nil {
		return err
	}
	if r, ok := e.Node.(verb.Requirer); ok && e.Require && !result.Held {
		return &verb.Skip{Reason: r.Skips(wrongOf(result)), At: e.At}
	}
	env.Report(result)
	if !result.Held && e.Require {
		return diag.List{diag.New(diag.RequireStops, diag.Failure, e.At, "the rest of the script was not run: this was required")}
	}
	return nil
}

func (e *expect) ask(ctx context.Context, env *verb.Env) (verb.Expectation, error) {
	start := time.Now()
	budget := e.Node.(verb.Prober).Patience(e.Not)
	if e.Within != nil {
		budget = e.Within.Duration()
	}
	bounded, cancel := e.bounded(ctx, start.Add(budget))
	defer cancel()
	result := verb.Expectation{Not: e.Not}
	pause, wait := firstPause, firstWait
	if e.Not && e.Within == nil {
		wait = budget
	}
	for {
		left := budget - time.Since(start)
		answers, err := e.try(bounded, env, max(leastWait, min(wait, left)))
		if err != nil {
			if answers = e.instead(ctx, env, err, left, result); answers == nil {
				return result, err
			}
		}
		result.Answers, result.Tries, result.Took = answers, result.Tries+1, time.Since(start)
		result.Held = e.holds(answers)
		if result.Held || time.Since(start) >= budget || e.Within == nil && (e.Not || definite(answers)) {
			return result, nil
		}
		if env.Tried != nil {
			env.Tried(result)
		}
		if err := sleep(ctx, min(pause, budget-time.Since(start))); err != nil {
			return result, err
		}
		pause, wait = min(2*pause, lastPause), min(2*wait, lastWait)
	}
}

// instead is the answer to a try that failed for want of time, or of a name that
// may still be made; nil where the question itself is wrong.
func (e *expect) instead(ctx context.Context, env *verb.Env, err error, left time.Duration, before verb.Expectation) []verb.Answer {
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return cutOff(before)
	case left > 0:
		return e.notYet(env, err)
	}
	return nil
}

// bounded ends a try that is under way when the time is up, so that within bounds
// it too. What a probe waits for anyway ends before.
func (e *expect) bounded(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	if e.Within == nil {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end.Add(leastWait))
}

// cutOff is the answer of a try that was not over when the time was up: what an
// earlier one gave, where there was one.
func cutOff(before verb.Expectation) []verb.Answer {
	if len(before.Answers) > 0 {
		return before.Answers
	}
	return []verb.Answer{{Seen: "no answer before the time was up"}}
}

// tooShort finds a time that is shorter than what is to be done in it.
func (e *expect) tooShort() *diag.Diagnostic {
	l, ok := e.Node.(lasting)
	if !ok || e.Within == nil || e.Within.Dynamic || l.lasts() <= e.Within.Duration() {
		return nil
	}
	return diag.Errorf(diag.OptionClash, e.Within.Span, "this probe alone takes %s, longer than within %s",
		l.lasts(), e.Within.Value).WithHelp("give it more time, or ask for less")
}

// lasting is a probe whose every try takes a time that the script says.
type lasting interface{ lasts() time.Duration }

// try asks once; a name that never was is an error.
func (e *expect) try(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	if err := e.Names(env).Err(); err != nil {
		return nil, err
	}
	return e.Node.(verb.Prober).Probe(ctx, env, wait)
}

// notYet is the answer where a name is missing that a program which runs may still
// make, and the script says how long to wait for it; nil elsewhere.
func (e *expect) notYet(env *verb.Env, err error) []verb.Answer {
	list, ok := diag.FromError(err)
	if !ok || e.Within == nil || e.Not || !env.HasBackground() {
		return nil
	}
	for _, d := range list {
		if d.Code != diag.UnknownNode && d.Code != diag.UnknownLink {
			return nil
		}
	}
	return []verb.Answer{{Seen: list[0].Summary}}
}

// wrongOf is the first answer that is not as expected.
func wrongOf(e verb.Expectation) verb.Answer {
	return e.Answers[slices.IndexFunc(e.Answers, func(a verb.Answer) bool { return a.Holds == e.Not })]
}

// holds reports whether every pair is as expected.
func (e *expect) holds(answers []verb.Answer) bool {
	for _, a := range answers {
		if a.Holds == e.Not {
			return false
		}
	}
	return true
}

// definite reports whether every answer that does not hold is final.
func definite(answers []verb.Answer) bool {
	for _, a := range answers {
		if !a.Holds && !a.Definite {
			return false
		}
	}
	return true
}

// sleep waits between two tries, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
