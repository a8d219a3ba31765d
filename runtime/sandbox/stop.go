package sandbox

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopSignals are those by which a terminal stops a job (signal(7)).
func stopSignals() []os.Signal {
	return []os.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU}
}

// stopTogether stops the child with this process: the first process of a PID
// namespace does not heed these signals itself.
func stopTogether(child int) {
	c := make(chan os.Signal, 8)
	for _, s := range stopSignals() {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
	for s := range c {
		_ = syscall.Kill(child, syscall.SIGSTOP)
		stop(s.(syscall.Signal))
		signal.Notify(c, s)
		_ = syscall.Kill(child, syscall.SIGCONT)
	}
}

// stop does to this process what the signal does when it is not caught, and
// returns when the process goes on. The kernel stops no one who could not be
// resumed (setpgid(2), "orphaned").
func stop(s syscall.Signal) {
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, syscall.SIGCONT)
	defer signal.Stop(resumed)
	signal.Reset(s)
	_ = syscall.Kill(os.Getpid(), s)
	select {
	case <-resumed:
	case <-time.After(2 * together): // it was not stopped
	}
}
