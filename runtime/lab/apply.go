package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/consent"
	"nsl/runtime/converge"
	"nsl/runtime/engine"
	"nsl/runtime/keeper"
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
	return Asked(name, func(c Client) (int, error) {
		r, err := c.Ask(doApply, j, os.Stdout, os.Stderr)
		return r.Code, err
	})
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
	s := r.session(l.world)
	s.EnableUndo()
	done, _, err := converge.Lab{Session: s, Read: l.read}.Become(ctx, want)
	if err != nil {
		return append(verb.Findings(source.Span{}, err), verb.Findings(source.Span{}, s.Keep())...)
	}
	if len(done) == 0 {
		fmt.Fprintf(r.streams.Out, "nothing differs: %s is as %s says\n", l.name, r.Name)
	}
	if err := report.Differences(r.streams.Out, converge.Differences(done), false, false); err != nil {
		return err
	}
	return s.Keep()
}

// read reads the lab, with settings of its nodes.
func (l *server) read(keys []string) (*state.Lab, error) {
	return state.Read(l.world, l.pristine, keys)
}

// ask asks what the script expects of the lab as it is.
func (r *run) ask(ctx context.Context, world engine.World) error {
	s := r.session(world)
	converge.Asking(s)
	return r.in(ctx, s)
}
