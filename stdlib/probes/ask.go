package probes

import (
	"context"
	"errors"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/stdlib/why"
)

// pauses between two tries: short at first, for what is nearly there.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
	// firstWait is how long the first try waits for an answer.
	firstWait = 100 * time.Millisecond
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
	after := settled(env)
	explain(after, result.Answers)
	if err := e.testimony(ctx, after, result); err != nil {
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

// ask asks again until the answer is as expected, is final, or the time is up.
func (e *expect) ask(ctx context.Context, env *verb.Env) (verb.Expectation, error) {
	start := time.Now()
	budget := e.Node.(verb.Prober).Patience(e.Not)
	if e.Within != nil {
		budget = e.Within.Duration()
	}
	waits := &waiting{next: firstWait}
	if e.Not {
		waits.silence = silence(e.Node.(verb.Prober).Patience(true), slowest(env))
	}
	bounded, cancel := e.bounded(ctx, start.Add(budget))
	defer cancel()
	result := verb.Expectation{Not: e.Not}
	var others delay
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		left, begun, before := budget+others.total-time.Since(start), time.Now(), *waits
		answers, err := e.try(bounded, env, waits.take(left))
		if err != nil {
			if answers = e.instead(ctx, env, err, left, result); answers == nil {
				return result, err
			}
		}
		result.Answers, result.Tries, result.Took = moreTelling(result.Answers, answers), result.Tries+1, time.Since(start)
		result.Held = e.holds(answers)
		budget = e.patience(env, budget, result)
		again := others.note(answers, time.Since(begun))
		left = budget + others.total - time.Since(start)
		if !again && (result.Held || left <= 0 || e.Within == nil && (e.Not || definite(answers))) {
			return result, nil
		}
		if env.Tried != nil {
			env.Tried(result)
		}
		if again {
			*waits, left = before, lastPause
		}
		if err := sleep(ctx, min(pause, left)); err != nil {
			return result, err
		}
	}
}

// delay is time that the expectation lost to others on the machine.
type delay struct{ total time.Duration }

// mostDelay is how long a try that others have spoilt is repeated.
const mostDelay = time.Minute

// note adds what a try of some length lost: the wait for its turn or, where silence
// proves nothing because the machine's neighbour table was full, all of it. Again
// reports that it does not count.
func (d *delay) note(answers []verb.Answer, took time.Duration) (again bool) {
	var queued time.Duration
	for _, a := range answers {
		queued = max(queued, a.Queued)
		again = again || a.Full && !a.Holds && !a.Definite
	}
	if again = again && d.total < mostDelay; again {
		queued = took
	}
	d.total += queued
	return again
}

// maxExplained is for how many pairs the reason is looked for: the lab is walked
// for each.
const maxExplained = 100

// explain finds the reasons of the last answers, and the statements that they propose.
func explain(env *verb.Env, answers []verb.Answer) {
	explained, proposed := 0, map[string][]string{}
	for i, a := range answers {
		if a.Explain != nil && !a.Holds && explained < maxExplained {
			explained++
			a = a.Explained(env)
		}
		a.Explain = nil
		if known, ok := proposed[a.Fix]; !ok && len(proposed) < maxExplained {
			a.Statements = why.Statements(env, a.Fix)
			proposed[a.Fix] = a.Statements
		} else {
			a.Statements = known
		}
		answers[i] = a
	}
}

// waiting is how long the tries of an expectation wait for an answer.
type waiting struct {
	next time.Duration
	// silence is how long nothing must come to prove that nothing does, where that
	// is expected; no limit shortens it.
	silence time.Duration
}

// take is the wait of a try when so much time is left. Each is twice as long as the
// one before it, for what is nearly there is found at once; the last one takes all
// that is left, so that a slow answer counts.
func (w *waiting) take(left time.Duration) time.Duration {
	if w.silence > 0 {
		return w.silence
	}
	wait := min(w.next, left)
	if left-wait < 2*wait {
		wait = left
	}
	w.next *= 2
	return max(wait, leastWait)
}

// patience is the time for tries after the first one: longer than the probe's own where
// the lab's replies are slow, if the script does not say how long.
func (e *expect) patience(env *verb.Env, usual time.Duration, first verb.Expectation) time.Duration {
	if first.Tries > 1 || first.Held || e.Not || e.Within != nil || usual == 0 || definite(first.Answers) {
		return usual
	}
	return silence(usual, slowest(env))
}

// moreTelling are the answers of a try, except where it saw nothing of a pair that
// an earlier and longer one saw.
func moreTelling(before, now []verb.Answer) []verb.Answer {
	if len(before) != len(now) {
		return now
	}
	list := slices.Clone(now)
	for i, a := range now {
		if b := before[i]; a.Silent && !a.Holds && !b.Silent && !b.Holds && a.Subject == b.Subject {
			list[i] = b
		}
	}
	return list
}

// instead is the answer to a try that ran out of time, or lacked a name that
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

// untimed is a probe that takes as long as it likes, whatever wait it is given.
type untimed interface{ untimed() }

// bounded ends a try of such a probe when the time is up, so that within bounds it too.
func (e *expect) bounded(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	if _, ok := e.Node.(untimed); !ok || e.Within == nil {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
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
	answers, err := e.Node.(verb.Prober).Probe(ctx, env, wait)
	for _, a := range answers {
		env.Slowest.Note(a.RTT)
	}
	return answers, err
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

// Advise are the statements that would let it hold, where the probe knows them without asking.
func (e *expect) Advise(env *verb.Env) []string {
	a, ok := e.Node.(verb.Adviser)
	if !ok || e.Not {
		return nil
	}
	return a.Advise(env)
}
