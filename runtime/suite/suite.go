package suite

import (
	"context"
	"io"
	"time"

	"nsl/runtime/report"
)

// Script is a file to be run.
type Script struct {
	Name string
	// Found are what the check says of it. When they stop it, it is not run.
	Found []report.Event
	// Wrong is set when they do.
	Wrong bool
}

// Suite runs scripts.
type Suite struct {
	// Jobs is how many run at a time, at least 1.
	Jobs int
	// Timeout is how long one may take; 0 is for ever.
	Timeout time.Duration
	// Retries is how often one that failed is run again.
	Retries int
	// FailFast starts no more after the first that failed.
	FailFast bool
	// Start runs a script, whose events go to events, and whose own standard output
	// and error go to stray. It returns when all of its processes are gone, which
	// they are at once when ctx ends.
	Start func(ctx context.Context, name string, events, stray io.Writer) (exit int, err error)
	// Watch is told what goes on; nil when nobody looks. It is called from several
	// goroutines.
	Watch Watcher
}

// Watcher looks at a run that goes on.
type Watcher interface {
	Started(name string)
	Finished(name string)
}

// grace is how long an interrupted script has to take back its statement.
const grace = 3 * time.Second

// Run runs the scripts, and hands each to tell when it and all before it have
// ended. When tell returns an error no more are started, those that run are ended,
// and the error is returned. When stop is closed no more are started; the processes
// hear of the signal themselves, and what does not end within a few seconds is ended.
func (s *Suite) Run(ctx context.Context, stop <-chan struct{}, scripts []Script, tell func(report.File) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	starts, noMore := context.WithCancel(ctx)
	defer noMore()
	go func() {
		select {
		case <-stop:
			noMore()
			select {
			case <-time.After(grace):
				cancel()
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	results := s.start(ctx, starts, noMore, scripts)
	var broken error
	for _, result := range results {
		f := <-result
		if broken == nil {
			if broken = tell(f); broken != nil {
				cancel()
			}
		}
	}
	return broken
}

// start starts the scripts in their order, Jobs at a time. Each has a channel
// that its result will be in.
func (s *Suite) start(ctx, starts context.Context, noMore func(), scripts []Script) []chan report.File {
	results := make([]chan report.File, len(scripts))
	for i := range results {
		results[i] = make(chan report.File, 1)
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range scripts {
			next <- i
		}
	}()
	for range max(1, s.Jobs) {
		go func() {
			for i := range next {
				f := s.one(ctx, starts, scripts[i])
				if s.FailFast && (f.Status == report.Failed || f.Status == report.Error) {
					noMore()
				}
				results[i] <- f
			}
		}()
	}
	return results
}

// one runs a script until it holds or its attempts are used up.
func (s *Suite) one(ctx, starts context.Context, script Script) report.File {
	switch {
	case starts.Err() != nil:
		return report.File{Name: script.Name, Status: report.NotRun, Reason: "the run had ended before"}
	case script.Wrong:
		return report.File{Name: script.Name, Status: report.Error, Reason: "the script is wrong", Events: script.Found}
	}
	if s.Watch != nil {
		s.Watch.Started(script.Name)
		defer s.Watch.Finished(script.Name)
	}
	var f report.File
	for attempt := 1; ; attempt++ {
		f = s.attempt(ctx, script)
		f.Attempts = attempt
		if f.Status != report.Failed || attempt > s.Retries || starts.Err() != nil {
			break
		}
	}
	if f.Status == report.Passed && f.Attempts > 1 {
		f.Reason = "it failed before"
	}
	return f
}
