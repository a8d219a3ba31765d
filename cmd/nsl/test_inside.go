package main

import (
	"context"
	"errors"
	"os"
	"regexp"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/report"
	"nsl/runtime/suite"
)

// testInside runs a script of nsl test and tells events of it.
func testInside(ctx context.Context, events *os.File, j job) int {
	defer func() { _ = events.Close() }()
	set := &source.Set{}
	tree := syntax.Split(set.Add(j.Name, j.Text))
	r := suite.NewRecorder(events, diag.Text{Set: set, Color: j.OutColor})
	observer := &newWarnings{told: j.Told, set: set, Observer: r, RetryObserver: r}
	s, err := inLab(ctx, set, tree, j, observer, verb.Streams{Out: r, Err: r})
	status, reason := report.Passed, ""
	var skip *verb.Skip
	list, isFinding := diag.FromError(err)
	switch {
	case errors.As(err, &skip):
		status, reason = report.Skipped, skip.Reason
	case isFinding:
		r.Findings(list)
		status = suite.StatusOf(err)
	case err != nil:
		r.Findings(diag.List{diag.New("", diag.Machine, source.Span{}, "%v", err)})
		status = report.Error
	}
	if s.Failed > 0 && (status == report.Passed || status == report.Skipped) {
		status, reason = report.Failed, ""
	}
	r.End(status, reason, s.Held, s.Failed)
	return exitHeld
}

// selected is what --run takes of the outermost tests; nil is all.
func (t testJob) selected() func(string) bool {
	if t.Run == "" {
		return nil
	}
	return regexp.MustCompile(t.Run).MatchString
}
