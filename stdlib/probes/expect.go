package probes

import (
	"context"
	"errors"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// expect is the statement expect, and require.
type expect struct {
	// At is the whole statement, as it was written.
	At      source.Span
	Require bool
	Not     bool
	Probe   *verb.Verb
	Node    verb.Node
	// Within is how long to go on asking; nil is the probe's own patience.
	Within *syntax.Duration
}

// Expect is the verb expect.
func Expect() *verb.Verb {
	return verb.Define[expectGrammar](verb.Spec{
		Name:    "expect",
		Group:   verb.Expecting,
		Role:    verb.RoleExpect,
		Summary: "say what must hold; a failure is explained, and the script goes on",
		Usage:   []string{"expect [not] PROBE … [within DURATION]", "expect matrix [within DURATION] { … }"},
		Lines:   true,
		Doc: `A probe that does not hold is reported with what was seen instead and why, and
counts as a failure of the script (exit code 1).

It is asked at once. A probe that waits for something (` + "`ping`" + `) goes on for 2
seconds before it fails, and ` + "`not`" + ` takes 300 ms of silence, or a definite
refusal, as the proof. ` + "`within 5s`" + ` asks again until it holds or the time is up;
with ` + "`not`" + ` until it no longer holds.

A list asks about every pair at once: ` + "`expect ping <a b> -> <c d>`" + `, and ` + "`*`" + `
stands for all nodes: ` + "`expect ping * -> *`" + `. With ` + "`not`" + `, no pair may hold.`,
		Examples: []verb.Example{
			{Note: "Two answers, one yes and one no.", Code: "ns red blue green\nlink red <-> blue\nexpect ping red -> blue\nexpect not ping red -> green\n"},
			{Note: "Every pair of three nodes.", Code: "ns a b c\nbridge sw <a b c>\nexpect ping <a b c> -> <a b c>\n"},
		},
		Parse: func(t *verb.Table, tokens []syntax.Token) (verb.Node, diag.List) {
			return parseExpect(t, tokens, false)
		},
	})
}

// Require is the verb require.
func Require() *verb.Verb {
	return verb.Define[requireGrammar](verb.Spec{
		Name:    "require",
		Group:   verb.Expecting,
		Role:    verb.RoleExpect,
		Summary: "an expectation without which the rest makes no sense: a failure stops the script",
		Usage:   []string{"require [not] PROBE … [within DURATION]"},
		Lines:   true,
		Doc: `As ` + "`expect`" + `, but the script ends at once when it does not hold (exit code 1).
` + "`require kernel netem`" + ` is another matter: what the machine lacks is no failure, the
rest is skipped.`,
		Examples: []verb.Example{
			{Note: "No cable, no further questions.", Code: "ns red blue\nlink red <-> blue\nrequire ping red -> blue\n"},
		},
		Parse: func(t *verb.Table, tokens []syntax.Token) (verb.Node, diag.List) { return parseExpect(t, tokens, true) },
	})
}

// The words of the two verbs, for completion and near misses; parseExpect reads them.
type (
	expectGrammar struct {
		Not    bool             `parser:"'expect' @'not'?"`
		Probe  syntax.Free      `parser:"@@"`
		Within *syntax.Duration `parser:"('within' @@)?"`
	}
	requireGrammar struct {
		Not    bool             `parser:"'require' @'not'?"`
		Probe  syntax.Free      `parser:"@@"`
		Within *syntax.Duration `parser:"('within' @@)?"`
	}
)

// parseExpect takes the words before and behind the probe off; the probe's own
// grammar reads the rest.
func parseExpect(t *verb.Table, tokens []syntax.Token, require bool) (verb.Node, diag.List) {
	e := &expect{At: tokens[0].Span.To(tokens[len(tokens)-1].Span), Require: require}
	rest := tokens[1:]
	if len(rest) > 0 && rest[0].Is("not") {
		e.Not, rest = true, rest[1:]
	}
	rest, block := cutBlock(rest)
	var list diag.List
	if n := len(rest); n >= 2 && rest[n-2].Is("within") {
		e.Within = &syntax.Duration{Text: syntax.Text{Span: rest[n-1].Span, Value: rest[n-1].Value(), Dynamic: rest[n-1].Dynamic}}
		if !e.Within.Dynamic {
			list.Add(e.Within.Problem())
		}
		rest = rest[:n-2]
	}
	if len(rest) == 0 {
		end := source.Span{Start: e.At.End, End: e.At.End}
		list.Add(diag.Missing(end, tokens[0].Text, "the probe").
			WithHelp("for example: %s ping red -> blue", tokens[0].Text))
		return nil, list
	}
	if d := blockProblem(t, rest[0], block, e.Not); d != nil {
		return nil, append(list, d)
	}
	var found diag.List
	e.Probe, e.Node, found = t.ParseProbe(append(rest, block...))
	list.Add(found...)
	if len(list) == 0 {
		list.Add(e.tooShort())
	}
	return e, list
}

// cutBlock parts the words from the block behind them.
func cutBlock(tokens []syntax.Token) (words, block []syntax.Token) {
	i := slices.IndexFunc(tokens, func(t syntax.Token) bool { return t.Kind == syntax.BlockOpen })
	if i < 0 {
		return tokens, nil
	}
	return slices.Clone(tokens[:i]), tokens[i:]
}

// blockProblem finds a block after a probe that has no lines, and `not` before one
// that has: each of its lines says what is expected.
func blockProblem(t *verb.Table, probe syntax.Token, block []syntax.Token, not bool) *diag.Diagnostic {
	v := t.Probe(probe.Text)
	table := v != nil && v.Lines
	switch {
	case table && not:
		return diag.Errorf(diag.OptionClash, probe.Span, "a table is not turned round as a whole").
			WithHelp("say in it who must not get through: expect matrix { red: !blue }")
	case !table && len(block) > 0:
		return diag.TakesNoBlock(block[0].Span, probe.Text)
	}
	return nil
}

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
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			answers, err = cutOff(result), nil
		}
		if early := e.notYet(env, err); early != nil && left > 0 {
			answers, err = early, nil
		}
		if err != nil {
			return result, err
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

// Explain is what the probe says it is in other programs' words.
func (e *expect) Explain(view verb.Lab) []plan.Command {
	if s, ok := e.Node.(verb.Explainer); ok {
		return s.Explain(view)
	}
	return nil
}

// Names reports what the probe names and never was, and a probe that asks about
// nothing.
func (e *expect) Names(view verb.Lab) diag.List {
	if n, ok := e.Node.(verb.Namer); ok {
		if list := n.Names(view); len(list) > 0 {
			return list
		}
	}
	if p, ok := e.Node.(plural); ok && !view.Uncertain() && p.asksNothing(view) {
		return diag.List{asksNothing(e.At)}
	}
	return nil
}
