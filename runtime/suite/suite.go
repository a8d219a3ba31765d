package suite

import (
	"context"
	"os"
	"time"

	"nsl/runtime/report"
)

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
	Start func(ctx context.Context, f File, events, stray *os.File) (exit int, err error)
	// Admit is called before anything runs with each file that is to run, and reports
	// why it is not; nil is none.
	Admit func(f *File) error
	// Watch observes the run; nil when no one looks. It is called from several
	// goroutines.
	Watch Watcher
}

// Watcher looks at a run that goes on.
type Watcher interface {
	Started(name string)
	Finished(name string)
}

// grace is how long an interrupted script has to undo its statement.
const grace = 3 * time.Second

// Run runs the files, and hands each to ended when it and all before it have
// ended. When ended returns an error no more are started, those that run are ended,
// and the error is returned. When stop is closed no more are started; the processes
// hear of the signal themselves, and what does not end within a few seconds is ended.
func (s *Suite) Run(ctx context.Context, stop <-chan struct{}, files []File, ended func(report.File) error) error {
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
	results := s.start(ctx, starts, noMore, files)
	var broken error
	for _, result := range results {
		f := <-result
		if broken == nil {
			if broken = ended(f); broken != nil {
				cancel()
			}
		}
	}
	return broken
}

// start starts the files in their order, Jobs at a time. Each has a channel
// that its result will be in.
func (s *Suite) start(ctx, starts context.Context, noMore func(), files []File) []chan report.File {
	results := make([]chan report.File, len(files))
	for i := range results {
		results[i] = make(chan report.File, 1)
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range files {
			next <- i
		}
	}()
	for range max(1, s.Jobs) {
		go func() {
			for i := range next {
				f := s.one(ctx, starts, files[i])
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
func (s *Suite) one(ctx, starts context.Context, file File) report.File {
	switch {
	case starts.Err() != nil:
		return report.File{Name: file.Script.Name, Status: report.NotRun, Reason: "the run had ended before"}
	case file.wrong != "":
		return report.File{Name: file.Script.Name, Status: report.Error, Reason: file.wrong, Events: file.found}
	}
	if s.Watch != nil {
		s.Watch.Started(file.Script.Name)
		defer s.Watch.Finished(file.Script.Name)
	}
	var f report.File
	for attempt := 1; ; attempt++ {
		f = s.attempt(ctx, file)
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
