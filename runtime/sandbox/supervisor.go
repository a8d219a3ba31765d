package sandbox

import (
	"cmp"
	"context"
	"errors"
	"os"
	"runtime"
	"syscall"
)

// Config says what the child is given.
type Config struct {
	// Args are the child's arguments after its name (os.Args[1:]).
	Args []string
	// Payload reaches the child unchanged as Inside.Payload. It is for what only
	// the supervisor can read, for the sandbox hides /tmp and /run.
	Payload []byte
	// Prepare, if it is not nil, makes the payload instead, while the sandbox sets
	// itself up. When it fails, nothing runs and Run returns its error, also on a
	// machine that refuses the sandbox.
	Prepare func() ([]byte, error)
	// Stdin, Stdout and Stderr are the child's; a nil one is /dev/null. The
	// caller keeps and closes them.
	Stdin, Stdout, Stderr *os.File
	// Events is a further stream out of the sandbox, Inside.Events there, for what
	// is none of the output of the script and of its programs; it may be
	// nil. The caller keeps and closes it.
	Events *os.File
	// Env is the child's environment; nil means the supervisor's.
	Env []string

	// trial makes the child report on the set-up and exit.
	trial bool
}

// Run starts this binary in a new sandbox and waits until the last process in
// it is gone. Meanwhile SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end this
// process but reach the child, once each, whether the terminal sent them to the
// whole process group or another process to this process alone. Ctrl-Z stops both.
//
// The exit code is the child's, or 128+n when signal n ended it. The error is a
// *Refused when the machine does not allow the sandbox; a child that was
// refused later, inside, says so itself (see Child). When ctx ends, everything
// inside is killed and ctx's error is returned.
func Run(ctx context.Context, c Config) (exit int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The parent-death signal fires when the thread that forked ends
		// (PR_SET_PDEATHSIG(2const)): this one is blocked in wait until the
		// init has ended, whatever thread called Run.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		exit, err = supervise(ctx, c)
	}()
	<-done
	return exit, err
}

func supervise(ctx context.Context, c Config) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	sent := catch()
	defer sent.stop()
	p, err := start(c)
	if err != nil {
		if _, wrong := c.payload(); wrong != nil {
			return 0, wrong
		}
		return 0, explained(err)
	}
	defer p.close()
	go sent.tell(p.life)
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	wrong := p.give(c)
	status, err := p.wait()
	if err := cmp.Or(wrong, err); err != nil {
		return 0, err
	}
	return exitCode(status), ctx.Err()
}

// give hands the payload over, or ends the sandbox when there is none.
func (p *process) give(c Config) error {
	body, err := c.payload()
	if err != nil {
		p.kill()
		return err
	}
	send(p.payload, message{trial: c.trial, events: c.Events != nil, body: body})
	return nil
}

func (c Config) payload() ([]byte, error) {
	if c.Prepare == nil {
		return c.Payload, nil
	}
	return c.Prepare()
}

// exitCode is the shell's: 128+n for signal n.
func exitCode(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// ends are the two sides of a pipe: theirs goes to the other process.
type ends struct{ ours, theirs *os.File }

func pipeTo() (ends, error) {
	r, w, err := os.Pipe()
	return ends{ours: w, theirs: r}, err
}

// start makes the sandbox's first process. The calling thread must outlive it.
func start(c Config) (*process, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	life, err := pipeTo()
	if err != nil {
		return nil, err
	}
	defer life.theirs.Close()
	payload, err := pipeTo()
	if err != nil {
		life.ours.Close()
		return nil, err
	}
	defer payload.theirs.Close()
	files := []*os.File{c.Stdin, c.Stdout, c.Stderr, life.theirs, payload.theirs, c.Events}
	pid, err := clone(append([]string{initName}, c.Args...), c.environ(), descriptors(files, null))
	if err != nil {
		return nil, errors.Join(err, life.ours.Close(), payload.ours.Close())
	}
	return &process{pid: pid, life: life.ours, payload: payload.ours}, nil
}

func (c Config) environ() []string {
	if c.Env == nil {
		return os.Environ()
	}
	return c.Env
}

func descriptors(files []*os.File, null *os.File) []uintptr {
	fds := make([]uintptr, len(files))
	for i, f := range files {
		if f == nil {
			f = null
		}
		fds[i] = f.Fd()
	}
	return fds
}
