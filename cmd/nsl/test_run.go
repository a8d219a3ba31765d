package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"nsl/lang/diag"
	"nsl/runtime/report"
	"nsl/runtime/sandbox"
	"nsl/runtime/suite"
)

// runTests runs the files, reports, and returns the exit code.
func runTests(files []testFile, o testOptions) int {
	// A reader of ours that is gone (nsl test | head) ends the run as an error of
	// writing, not this process before its children.
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	reports, err := openReports(o)
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	s := suite.Suite{Jobs: o.Jobs, Timeout: o.Timeout, Retries: o.Retries, FailFast: o.FailFast, Start: starter(files, o)}
	if reports.progress != nil {
		s.Watch = reports.progress
	}
	start := time.Now()
	var sum report.Summary
	code := exitHeld
	reports.begin(len(files))
	broken := s.Run(context.Background(), stop.Done(), scriptsOf(files), func(f report.File) error {
		sum.Count(f)
		code = graver(code, fileCode(f))
		return reports.file(f)
	})
	if stop.Err() != nil {
		code = exitInterrupted
	}
	sum.Seconds, sum.Exit = report.Seconds(time.Since(start)), code
	if err := errors.Join(broken, reports.end(sum)); err != nil {
		tell(os.Stderr, nil, colorOn(os.Stderr), err)
		return graver(code, exitMachine)
	}
	return code
}

func scriptsOf(files []testFile) []suite.Script {
	list := make([]suite.Script, len(files))
	for i, f := range files {
		list[i] = f.script
	}
	return list
}

// graver is the exit code of two that says more.
func graver(a, b int) int {
	for _, code := range []int{exitInterrupted, exitWrong, exitMachine, exitFailed} {
		if a == code || b == code {
			return code
		}
	}
	return exitHeld
}

// fileCode is the exit code that a file's end stands for.
func fileCode(f report.File) int {
	switch f.Status {
	case report.Failed:
		return exitFailed
	case report.Interrupted:
		return exitInterrupted
	case report.Error:
		code := exitMachine
		for _, e := range f.Events {
			if e.Type == report.TypeFinding && e.Finding.Severity == diag.Error.String() {
				code = exitWrong
			}
		}
		return code
	}
	return exitHeld
}

// starter starts a file in a sandbox of its own.
func starter(files []testFile, o testOptions) func(context.Context, string, io.Writer, io.Writer) (int, error) {
	byName := map[string]testFile{}
	for _, f := range files {
		byName[f.script.Name] = f
	}
	return func(ctx context.Context, name string, events, stray io.Writer) (int, error) {
		f := byName[name]
		payload, err := json.Marshal(job{Mode: modeTest, Name: name, Text: f.text, Modules: f.modules, Told: f.told,
			Options: runOptions{Lang: o.Lang}, OutColor: colorOn(os.Stdout), Test: o.job(f)})
		if err != nil {
			return 0, err
		}
		return startInSandbox(ctx, payload, events, stray)
	}
}

// testJob is what a job of nsl test has besides.
type testJob struct {
	// Run selects the outermost tests by their names; "" is all.
	Run    string
	NoSkip bool
}

// job selects tests, unless the file is meant as a whole.
func (o testOptions) job(f testFile) testJob {
	if o.pattern.MatchString(f.script.Name) {
		return testJob{NoSkip: o.NoSkip}
	}
	return testJob{Run: o.run, NoSkip: o.NoSkip}
}

func startInSandbox(ctx context.Context, payload []byte, events, stray io.Writer) (int, error) {
	told, err := drain(events)
	if err != nil {
		return 0, err
	}
	defer told.close()
	rest, err := drain(stray)
	if err != nil {
		return 0, err
	}
	defer rest.close()
	return sandbox.Run(ctx, sandbox.Config{Args: []string{"test"}, Payload: payload, Events: told.w, Stdout: rest.w, Stderr: rest.w})
}

// drained is a pipe that a goroutine reads into a writer.
type drained struct {
	r, w *os.File
	done sync.WaitGroup
}

func drain(to io.Writer) (*drained, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	d := &drained{r: r, w: w}
	d.done.Go(func() { _, _ = io.Copy(to, r) })
	return d, nil
}

// close returns when everything is read; nobody else may hold the writing end.
func (d *drained) close() {
	d.w.Close()
	d.done.Wait()
	d.r.Close()
}
