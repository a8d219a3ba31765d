package suite

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/report"
	"nsl/runtime/terminal"
)

// Test runs the files, writes the reports, and returns the exit code. A signal
// ends it as it ends [Suite.Run].
func (s *Suite) Test(files []File, o Reports) int {
	// A reader of ours that is gone (nsl test | head) ends the run as an error of
	// writing, not this process before its children.
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	reports, err := open(o)
	if err != nil {
		return fail(err)
	}
	s.admit(files)
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	if reports.progress != nil {
		s.Watch = reports.progress
	}
	start := time.Now()
	var sum report.Summary
	code := diag.ExitOK
	reports.begin(len(files))
	broken := s.Run(context.Background(), stop.Done(), files, func(f report.File) error {
		sum.Count(f)
		code = graver(code, fileCode(f))
		return reports.file(f)
	})
	if stop.Err() != nil {
		code = diag.ExitInterrupted
	}
	sum.Seconds, sum.Exit = report.Seconds(time.Since(start)), code
	if err := errors.Join(broken, reports.end(sum)); err != nil {
		fail(err)
		return graver(code, diag.ExitMachine)
	}
	return code
}

// admit notes the files that are not to run.
func (s *Suite) admit(files []File) {
	for i := range files {
		f := &files[i]
		if s.Admit == nil || f.wrong != "" {
			continue
		}
		if list, ok := diag.FromError(s.Admit(f)); ok {
			f.wrong, f.found = "what it asks for was not agreed to", shown(f.Script.Name, &source.Set{}, list)
		}
	}
}

func fail(err error) int { return diag.Report(os.Stderr, nil, terminal.Color(os.Stderr), err) }

// graver is the exit code of two that says more.
func graver(a, b int) int {
	for _, code := range []int{diag.ExitInterrupted, diag.ExitWrong, diag.ExitMachine, diag.ExitFailed} {
		if a == code || b == code {
			return code
		}
	}
	return diag.ExitOK
}

// fileCode is the exit code of a file.
func fileCode(f report.File) int {
	switch f.Status {
	case report.Failed:
		return diag.ExitFailed
	case report.Interrupted:
		return diag.ExitInterrupted
	case report.Error:
		code := diag.ExitMachine
		for _, e := range f.Events {
			if e.Type == report.TypeFinding && e.Finding.Severity == diag.Error.String() {
				code = diag.ExitWrong
			}
		}
		return code
	}
	return diag.ExitOK
}
