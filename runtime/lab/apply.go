package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/consent"
	"nsl/runtime/engine"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/state"
)

// Apply makes a running lab what the script of a file says, wholly or not at all, and then
// asks what the script expects. What both have stays as it is: cables, services, programs. It
// returns the exit code; what is wrong is reported. With dry, it only prints the statements.
func (s Setup) Apply(file, name string, dry bool, o ScriptOptions) int {
	if dry {
		c := &comparison{Setup: s, options: o.Script, file: file, name: name}
		return c.reported(func() (int, error) {
			_, err := c.print(DiffOptions{})
			return diag.ExitOK, err
		})
	}
	set, j, err := s.jobOf(file, o)
	if err == nil {
		j.Grants, err = consent.Meant(j.Script)
	}
	if err != nil {
		return reportedIn(set, err)
	}
	code, err := With(name, func(c Client) (int, error) {
		r, err := c.Ask(doApply, j, os.Stdout, os.Stderr)
		return r.Code, err
	})
	if err != nil {
		return reported(err)
	}
	return code
}

// apply does it for a client.
func (l *server) apply(ctx context.Context, c *keeper.Call) (int, error) {
	var j Job
	if err := json.Unmarshal(c.Body, &j); err != nil {
		return 0, err
	}
	code := l.with(ctx, c, io.Discard, func(ctx context.Context, streams verb.Streams) int {
		return l.inConsole(j, streams, func(r *run) error {
			if err := l.given(r.Name, r.Grants); err != nil {
				return err
			}
			if err := l.become(ctx, r); err != nil {
				return err
			}
			l.built.Job = j
			return r.ask(ctx, l.world)
		})
	})
	return code, nil
}

// become makes the lab what a script says.
func (l *server) become(ctx context.Context, r *run) error {
	set := &source.Set{}
	want, list := l.Wanted(set.Add(r.Name, r.Text), r.Options.Run(), l.ModulesOf(set, r.Script))
	if list.HasErrors() {
		return list
	}
	before, err := state.Read(l.world, l.pristine, want.Keys)
	if err != nil {
		return err
	}
	s := r.session(l.world)
	s.EnableUndo()
	begin := s.Mark()
	done, err := l.approach(ctx, s, before, want)
	if err != nil {
		list := append(verb.Findings(source.Span{}, err), s.Undo(begin)...)
		return append(append(list, verb.Findings(source.Span{}, l.back(s, before, want.Keys))...), verb.Findings(source.Span{}, s.Keep())...)
	}
	if len(done) == 0 {
		fmt.Fprintf(r.streams.Out, "nothing differs: %s is as %s says\n", l.name, r.Name)
	}
	if err := report.Differences(r.streams.Out, written(done), false, false); err != nil {
		return err
	}
	return s.Keep()
}

// back makes the lab what it was, once its ops are undone: those of a difference do not know
// all that goes with them, as those of a statement do.
func (l *server) back(s *engine.Session, before *state.Lab, keys []string) error {
	now, err := state.Read(l.world, l.pristine, keys)
	if err == nil {
		_, err = l.approach(context.Background(), s, now, script.Wanted{Lab: before, Keys: keys})
	}
	return err
}

// approaches is how often what is left is compared with the kernel, which may do what the
// model does not.
const approaches = 4

// approach does what makes the lab, which is like now, what is wanted, again until nothing
// differs, and returns what was done.
func (l *server) approach(ctx context.Context, s *engine.Session, now *state.Lab, want script.Wanted) (done []plan.Op, err error) {
	for range approaches {
		ops, err := changes(now, want)
		if err != nil || len(ops) == 0 {
			return done, err
		}
		if err := s.Change(ctx, ops); err != nil {
			return done, err
		}
		done = append(done, ops...)
		if now, err = state.Read(l.world, l.pristine, want.Keys); err != nil {
			return done, err
		}
	}
	return done, nil
}

// ask asks what the script expects of the lab as it is: what builds is not done again.
func (r *run) ask(ctx context.Context, world engine.World) error {
	s := r.session(world)
	s.Interp.Host = &asking{Session: s}
	return r.in(ctx, s)
}

// asking is a session that leaves out the statements that build, except in test blocks, which
// undo what they change.
type asking struct {
	*engine.Session
	tests int
}

// Statement does a statement that asks, or that a test block has.
func (a *asking) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if _, builds := p.Node.(verb.Planner); builds && a.tests == 0 {
		return nil
	}
	return a.Session.Statement(ctx, p, at)
}

// Test brackets a test block.
func (a *asking) Test(ctx context.Context, name string, at source.Span, body func() error) error {
	a.tests++
	defer func() { a.tests-- }()
	return a.Session.Test(ctx, name, at, body)
}
