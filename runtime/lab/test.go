package lab

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/report"
	"nsl/runtime/sandbox"
	"nsl/runtime/suite"
)

// Test is a script to run as a test.
type Test struct {
	Job
	// Run selects the outermost tests by their names; "" is all.
	Run    string
	NoSkip bool
	Access script.Access
}

// Start runs the test in a sandbox of its own; its events go to events, and the
// script's own output to stray. It returns when all of its processes are gone,
// which they are at once when ctx ends.
func (t Test) Start(ctx context.Context, events, stray *os.File) (exit int, err error) {
	text, err := json.Marshal(t)
	if err != nil {
		return 0, err
	}
	c, err := config(t.Access, t.Name, modeTest)
	if err != nil {
		return 0, err
	}
	c.Payload, c.Events, c.Stdout, c.Stderr = text, events, stray, stray
	return crashed(sandbox.Run(ctx, c))
}

// TestOptions are what a person says about scripts that are run as tests.
type TestOptions struct {
	Suite     suite.Suite
	Reports   suite.Reports
	Script    script.Options
	Access    script.Access
	Selection suite.Selection
	// Run is what Selection has of the tests' names.
	Run string
	// NoSkip: what would be skipped fails. List: the files are listed, and nothing is run.
	NoSkip, List bool
}

// TestFiles runs the scripts below paths as tests and returns the exit code; what is wrong is
// reported.
func (s Setup) TestFiles(paths []string, o TestOptions) int {
	o.Script = Options(o.Script, o.Access)
	files, err := suite.Find(s.Language, paths, o.Script, o.Selection)
	if err != nil {
		return reported(err)
	}
	if o.List {
		suite.List(os.Stdout, files)
		return diag.ExitOK
	}
	o.Suite.Admit = func(f *suite.File) (err error) {
		f.Access, err = person().Access(o.Access, f.Script)
		return err
	}
	o.Suite.Start = func(ctx context.Context, f suite.File, events, stray *os.File) (int, error) {
		t := Test{Job: NewJob(f.Script, false), NoSkip: o.NoSkip, Access: f.Access}
		if !o.Selection.Whole(f) {
			t.Run = o.Run
		}
		return t.Start(ctx, events, stray)
	}
	return o.Suite.Test(files, o.Reports)
}

// testInside runs a test and writes events of it.
func (s Setup) testInside(ctx context.Context, in *sandbox.Inside) (int, error) {
	defer func() { _ = in.Events.Close() }()
	t, err := payload[Test](in)
	if err != nil {
		return 0, err
	}
	r := s.newRun(t.Script, verb.Streams{})
	recorder := suite.NewRecorder(in.Events, diag.Text{Set: r.set, Color: t.OutColor})
	r.streams, r.noSkip = verb.Streams{Out: recorder, Err: recorder}, t.NoSkip
	if t.Run != "" {
		r.selected = regexp.MustCompile(t.Run).MatchString
	}
	r.observe(recorder)
	status, reason := r.ended(recorder, r.inLab(ctx, in))
	recorder.End(status, reason, r.held, r.failed)
	return diag.ExitOK, nil
}

// ended records what ended a run early, and is the status of its file.
func (r *run) ended(recorder *suite.Recorder, err error) (status report.Status, reason string) {
	status, reason = ended(recorder, err)
	if r.failed > 0 && (status == report.Passed || status == report.Skipped) {
		return report.Failed, ""
	}
	return status, reason
}

func ended(recorder *suite.Recorder, err error) (status report.Status, reason string) {
	var skip *verb.Skip
	list, isFinding := diag.FromError(err)
	switch {
	case err == nil:
		return report.Passed, ""
	case errors.As(err, &skip):
		return report.Skipped, skip.Reason
	case isFinding:
		recorder.Findings(list)
		return suite.StatusOf(err), ""
	}
	recorder.Findings(diag.List{diag.New("", diag.Machine, source.Span{}, "%v", err)})
	return report.Error, ""
}
