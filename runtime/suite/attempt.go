package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/report"
)

func (s *Suite) attempt(ctx context.Context, file File) report.File {
	c := &collector{start: time.Now(), file: report.File{Name: file.Script.Name, Events: slices.Clone(file.found)}}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.Timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, s.Timeout)
	}
	defer cancel()
	stray := &tail{}
	exit, err := piped(c.read, func(r io.Reader) { _, _ = io.Copy(stray, r) }, func(events, rest *os.File) (int, error) {
		return s.Start(limited, file, events, rest)
	})
	c.judge(exit, err, stray.text(), s.Timeout)
	c.vacuous()
	c.file.Seconds = report.Seconds(time.Since(c.start))
	return c.file
}

// piped runs f with two files that others read, and returns when all is read.
func piped(first, second func(io.Reader), f func(a, b *os.File) (int, error)) (exit int, err error) {
	return intoPipe(first, func(a *os.File) (int, error) {
		return intoPipe(second, func(b *os.File) (int, error) { return f(a, b) })
	})
}

func intoPipe(read func(io.Reader), f func(*os.File) (int, error)) (exit int, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	var reading sync.WaitGroup
	reading.Go(func() { read(r) })
	exit, err = f(w)
	w.Close()
	reading.Wait()
	r.Close()
	return exit, err
}

// judge decides how a script ended that has not reported it itself.
func (c *collector) judge(exit int, err error, stray string, timeout time.Duration) {
	switch {
	case c.ended && err == nil:
	case errors.Is(err, context.DeadlineExceeded):
		// Its processes may take long to end, and it was at nothing then.
		at, what := c.waiting(c.start.Add(timeout))
		c.file.Status, c.file.Reason = report.Failed, "cut off after "+timeout.String()
		c.finding(diag.TimedOut, diag.Failure, at, c.file.Reason, what)
	case errors.Is(err, context.Canceled):
		at, what := c.waiting(time.Now())
		c.file.Status, c.file.Reason = report.Interrupted, "interrupted"
		c.finding(diag.Interrupted, diag.Failure, at, "interrupted", what)
	case err != nil:
		c.refused(err)
	default:
		c.brokenOff(exit, stray)
	}
	// What broke off has it in its finding.
	if stray != "" && (c.file.Status != report.Error || err != nil) {
		c.take(report.Event{Type: report.TypeOutput, Text: stray})
	}
}

// vacuous warns of a script that passed without an expectation: none was reached.
func (c *collector) vacuous() {
	skipped := slices.ContainsFunc(c.file.Events, func(e report.Event) bool { return e.Status == report.Skipped })
	if c.file.Status == report.Passed && c.file.Held+c.file.Failed == 0 && !skipped {
		c.file.Reason = "checks nothing"
		c.finding(diag.NoTests, diag.Warning, &report.Place{At: c.file.Name, Line: 1, Column: 1}, "no expectation was reached, so this file checks nothing",
			"an if that is false or a loop over an empty list may be around them")
	}
}

// refused is what the machine did not allow.
func (c *collector) refused(err error) {
	c.file.Status, c.file.Reason = report.Error, err.Error()
	list, ok := diag.FromError(err)
	if !ok {
		list = diag.List{diag.New("", diag.Machine, source.Span{}, "%v", err)}
	}
	for _, d := range list {
		c.file.Reason = d.Summary
		c.finding(d.Code, d.Severity, nil, d.Summary, d.Help)
	}
}

// brokenOff is a process that ended without a last event: it could not begin, or
// something killed it.
func (c *collector) brokenOff(exit int, stray string) {
	what := fmt.Sprintf("the process of the script ended with exit code %d and did not say why", exit)
	if exit == diag.ExitMachine {
		what = "this machine cannot run it"
	}
	at, doing := c.waiting(time.Now())
	c.file.Status, c.file.Reason = report.Error, what
	c.finding(diag.BrokenOff, diag.Machine, at, what, strings.TrimSpace(strings.TrimSpace(stray)+"\n"+doing))
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// maxTail is how much is kept (bytes).
const maxTail = 16 << 10

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if n := len(t.kept) - maxTail; n > 0 {
		t.kept = t.kept[n:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.kept), "\uFFFD")
}
