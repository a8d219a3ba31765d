package lab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/consent"
	"nsl/runtime/keeper"
	"nsl/runtime/report"
	"nsl/runtime/sandbox/confine"
	"nsl/runtime/suite"
)

// statements is the body of doStatements.
type statements struct {
	Job
	// Lines reports in JSON lines instead of text.
	Lines bool
}

// Do runs a script in a running lab and returns its exit code; found is what
// [script.Language.CheckText] has found in it, and set its text. With lines, standard
// output gets a report in JSON lines, with what each statement changed.
func (s Setup) Do(name string, set *source.Set, j Job, found diag.List, lines bool) (exit int, err error) {
	return With(name, func(c Client) (int, error) {
		switch {
		case !found.HasErrors():
			j.Found = nil // the lab reports the warnings
			if j.Grants, err = consent.Meant(j.Script); err != nil {
				return 0, err
			}
			return c.do(j, lines)
		case lines:
			r := s.newRun(j.Script, verb.Streams{})
			r.set = set
			return r.inLines(os.Stdout, func(*run) error { return found }), nil
		}
		return diag.Report(os.Stderr, set, j.ErrColor, found), nil
	})
}

func (c Client) do(j Job, lines bool) (exit int, err error) {
	r, err := c.Ask(doStatements, statements{j, lines}, os.Stdout, os.Stderr)
	return r.Code, err
}

// statements runs statements for a client.
func (l *server) statements(ctx context.Context, c *keeper.Call) (int, error) {
	var s statements
	if err := json.Unmarshal(c.Body, &s); err != nil {
		return 0, err
	}
	if n := s.Options.Limits.Nodes; n > l.built.Job.Options.Limits.Nodes && !l.inside.Trusted() {
		confine.LimitNamespaces(uint64(n)) //nolint:gosec // a flag, checked
	}
	report := l.inConsole
	if s.Lines {
		report = func(j Job, streams verb.Streams, do func(*run) error) int {
			return l.newRun(j.Script, verb.Streams{}).inLines(streams.Out, do)
		}
	}
	return l.run(ctx, s.Job, c, io.Discard, func(j Job, streams verb.Streams, do func(*run) error) int {
		return report(j, streams, func(r *run) error {
			if err := r.check(); err != nil {
				return err
			}
			if err := l.given(r.Name, r.Grants); err != nil {
				return err
			}
			return do(r)
		})
	}), nil
}

// given reports what a script asks for and the lab was not given when it was built.
func (l *server) given(name string, asked script.Grants) error {
	for _, g := range asked {
		has := l.inside.Has(g.Name, g.Kind == script.GrantWrite)
		if g.Kind == script.GrantEnv {
			_, has = os.LookupEnv(g.Name)
		}
		if !has {
			return diag.List{diag.New(diag.NotGranted, diag.Machine, source.Span{}, "the lab %s was not given %s=%s, which %s asks for", l.name, g.Kind, g.Name, name).
				WithHelp("a lab that runs gets nothing more: build it again with nsl up --grant %s=%s", g.Kind, g.Name)}
		}
	}
	return nil
}

// check reports what is wrong with a script whichever lab it meets.
func (r *run) check() error {
	list := check.Text(r.set, r.Table, r.tree, r.ModulesOf(r.set, r.Script))
	if list.HasErrors() {
		return list
	}
	r.observer.Warned(list)
	return nil
}

// inLines reports to a program what is done, and returns the exit code.
func (r *run) inLines(out io.Writer, do func(*run) error) int {
	lines := report.NewLines(out, "nsl "+r.Version)
	recorder := suite.NewReporter(lines, r.Name, diag.Text{Set: r.set})
	r.streams = verb.Streams{Out: recorder, Err: recorder}
	r.observe(recorder)
	begun := time.Now()
	// A reader that is gone is no error: the statements are what matters.
	_ = errors.Join(lines.Begin(1), lines.FileBegin(r.Name))
	err := do(r)
	f := report.File{Name: r.Name, Attempts: 1}
	f.Status, f.Reason = r.ended(recorder, err)
	f.Held, f.Failed, f.Seconds = r.held, r.failed, report.Seconds(time.Since(begun))
	sum := report.Summary{Seconds: f.Seconds, Exit: r.exitCode(err)}
	sum.Count(f)
	_ = errors.Join(lines.FileEnd(f), lines.End(sum))
	return sum.Exit
}
