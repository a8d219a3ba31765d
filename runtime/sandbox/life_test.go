package sandbox

import (
	"errors"
	"os"
	"runtime"
	"testing"
)

// startSleeping starts a sandbox that would go on for long and waits until it
// is complete. The thread that started it ends then, if asked to.
func startSleeping(t *testing.T, threadEnds bool) *process {
	t.Helper()
	requireSandbox(t)
	type result struct {
		p   *process
		err error
	}
	token := newToken(t)
	started, release := make(chan result), make(chan struct{})
	t.Cleanup(func() { close(release) })
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		c := Config{Args: []string{"sh", "sleep 1000"}, Env: append(os.Environ(), token), Stderr: os.Stderr}
		p, err := start(c)
		if err == nil {
			err = p.give(c)
		}
		if err == nil && !eventually(func() bool { return running(token, "sleep") == 1 }) {
			err = errors.New("it does not start")
		}
		started <- result{p, err}
		if !threadEnds {
			<-release
		}
	}()
	r := <-started
	if r.err != nil {
		t.Fatal(r.err)
	}
	t.Cleanup(func() { r.p.kill(); r.p.close() })
	return r.p
}

// killedInTime waits for the sandbox's end.
func killedInTime(t *testing.T, p *process) {
	t.Helper()
	ended := make(chan int, 1)
	go func() {
		status, err := p.wait()
		if err != nil {
			t.Error(err)
		}
		ended <- exitCode(status)
	}()
	var code int
	if !eventually(func() bool {
		select {
		case code = <-ended:
			return true
		default:
			return false
		}
	}) {
		t.Fatal("it lives on")
	}
	if code != codeKilled {
		t.Errorf("exit %d, want %d", code, codeKilled)
	}
}

// Each of the two ties to the supervisor must hold alone: the pipe where the
// death signal was asked for too late…
func TestEndOfTheLifePipeIsEnough(t *testing.T) {
	p := startSleeping(t, false)
	if err := p.life.Close(); err != nil {
		t.Fatal(err)
	}
	killedInTime(t, p)
}

// …and the death signal where the init does not get to read the pipe.
func TestDeathSignalIsEnough(t *testing.T) {
	killedInTime(t, startSleeping(t, true))
}
