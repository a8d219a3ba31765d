package probes

import (
	"slices"

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
		Also:    []string{"assert", "verify", "should", "check", "ensure"},
		Group:   verb.Expecting,
		Role:    verb.RoleExpect,
		Summary: "check that something holds; a failure is explained, and the script goes on",
		Usage:   []string{"expect [not] PROBE … [within DURATION]", "expect matrix [within DURATION] { … }"},
		Lines:   true,
		Doc: `A probe that does not hold is reported with what was seen instead and why, and
counts as a failure of the script (exit code 1).

It is tried at once. A probe that waits for something (` + "`ping`" + `) is tried for 2
seconds before it fails, and ` + "`not`" + ` takes 300 ms of silence, or a definite refusal, as
the proof. Both are longer in a slow lab: three times the slowest reply that came, or the
round trip that the delays of its interfaces (` + "`shape`" + `) add up to; at most 10 seconds. ` + "`within 5s`" + `
tries again until it holds or the time is up; with ` + "`not`" + ` until it no longer holds.
What other labs take is not counted: probes of more than 16 pairs wait for those of other
labs on the machine, and a try during which the kernel's neighbour table, which all share,
was full is repeated, for up to a minute.

A list means every pair, all at once: ` + "`expect ping <a b> -> <c d>`" + `, and ` + "`*`" + `
means all nodes: ` + "`expect ping * -> *`" + `. With ` + "`not`" + `, no pair may hold, and a node
is asked under each of its addresses, IPv4 and IPv6.`,
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
		Summary: "an expectation that the rest depends on: a failure stops the script",
		Usage:   []string{"require [not] PROBE … [within DURATION]"},
		Lines:   true,
		Doc: `As ` + "`expect`" + `, but the script ends at once when it does not hold (exit code 1).
` + "`require kernel netem`" + ` is different: what the machine lacks is not a failure; the
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

// parseExpect takes the words before and after the probe off; the probe's own
// grammar reads the rest.
func parseExpect(t *verb.Table, tokens []syntax.Token, require bool) (verb.Node, diag.List) {
	e := &expect{At: tokens[0].Span.To(tokens[len(tokens)-1].Span), Require: require}
	rest := tokens[1:]
	if len(rest) > 0 && rest[0].Is("not") {
		e.Not, rest = true, rest[1:]
	}
	rest, block := cutBlock(rest)
	var list diag.List
	rest, e.Within, list = cutWithin(rest)
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
	if d, ok := e.Node.(interface{ deny() }); ok && e.Not {
		d.deny()
	}
	return e, list
}

// cutWithin separates the words from `within` and its duration at their end; "5 s" is
// one that is written wrong, and so are other words for within.
func cutWithin(rest []syntax.Token) ([]syntax.Token, *syntax.Duration, diag.List) {
	n := len(rest)
	if n >= 3 && rest[n-3].Is("within") && !rest[n-2].Dynamic {
		apart := syntax.Duration{Text: syntax.Text{Span: rest[n-2].Span.To(rest[n-1].Span), Value: rest[n-2].Value() + " " + rest[n-1].Value()}}
		whole := apart
		if whole.Value = rest[n-2].Value() + rest[n-1].Value(); whole.Problem() == nil {
			d := apart.Problem().WithHelp("write %s", whole.Value).WithFix(apart.Span, "", whole.Value)
			return rest[:n-3], &apart, diag.List{d}
		}
	}
	if n < 2 {
		return rest, nil, nil
	}
	within := &syntax.Duration{Text: syntax.Text{Span: rest[n-1].Span, Value: rest[n-1].Value(), Dynamic: rest[n-1].Dynamic}}
	var list diag.List
	switch word := rest[n-2]; {
	case word.Is("within"):
		if !within.Dynamic {
			list.Add(within.Problem())
		}
		return rest[:n-2], within, list
	case (word.Is("timeout") || word.Is("in")) && !within.Dynamic && within.Problem() == nil:
		list.Add(diag.UnexpectedWord(word.Span, "expect", word.Text).WithHelp("did you mean %q?", "within").WithFix(word.Span, "", "within"))
		return rest[:n-2], within, list
	}
	return rest, nil, nil
}

// cutBlock separates the words from the block after them.
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
		return diag.Errorf(diag.OptionClash, probe.Span, "`not` does not apply to a matrix").
			WithHelp("write ! before the nodes that must not be reached: expect matrix { red: !blue }")
	case !table && len(block) > 0:
		return diag.TakesNoBlock(block[0].Span, probe.Text)
	}
	return nil
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
