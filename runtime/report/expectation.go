package report

import (
	"fmt"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
)

// Failure is the finding about an expectation that did not hold.
func Failure(at source.Span, e verb.Expectation) *diag.Diagnostic {
	d := failure(at, e)
	if statements := proposed(e); len(statements) > 0 {
		d = d.WithStatements(at, statements...)
	}
	eval.Situation{Calls: e.Calls, With: e.With}.Explain(d)
	return d
}

// proposed are the statements of the first fix that is proposed: there is none for what is
// asked more than once, as in a loop, where they would be done as often.
func proposed(e verb.Expectation) []string {
	if e.With != "" || len(e.Calls) > 0 {
		return nil
	}
	for _, a := range wrongAnswers(e) {
		if len(a.Statements) > 0 {
			return a.Statements
		}
	}
	return nil
}

// Wanted says what an expectation asks for.
func Wanted(e verb.Expectation) string {
	switch {
	case e.Not && len(e.Answers) > 1:
		return "no pair holds"
	case e.Not:
		return "it does not hold"
	case len(e.Answers) > 1:
		return "every pair holds"
	}
	return "it holds"
}

// Found says what was seen, in a few words.
func Found(e verb.Expectation) string {
	wrong := wrongAnswers(e)
	switch {
	case len(e.Answers) == 0:
		return "there is nothing to ask"
	case len(wrong) == 0 && len(e.Answers) > 1:
		return counted(e) + " as expected"
	case len(e.Answers) > 1:
		return fmt.Sprintf("%d of %s are not as expected, the first: %s: %s", len(wrong), strings.TrimPrefix(counted(e), "all "), wrong[0].Subject, wrong[0].Seen)
	}
	return e.Answers[0].Subject + ": " + e.Answers[0].Seen
}

// Answers are those of an expectation, all of them.
func Answers(e verb.Expectation) []Answer {
	list := make([]Answer, len(e.Answers))
	for i, a := range e.Answers {
		list[i] = Answer{Subject: a.Subject, From: a.From, To: a.To, Family: a.Family, Denied: a.Denied, Holds: a.Holds, Seen: a.Seen}
		if a.Holds == e.Not {
			list[i].Why, list[i].Fix, list[i].Statements = a.Why, a.Fix, a.Statements
		}
	}
	return list
}
