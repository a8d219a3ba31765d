package sandbox

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"

	"nsl/runtime/outside"
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
	// Env is the child's environment; nil is Environ of the supervisor's, or all of
	// it in a trusted lab.
	Env []string
	// Trusted leaves the machine's own root directory to the lab, and to root the
	// rights of root.
	Trusted bool
	// Dir is the lab's working directory, which it has empty but for what Binds
	// has of it; "" is the supervisor's.
	Dir string
	// Scratch: the lab may write in Dir, which is in memory.
	Scratch bool
	// Binds are what the lab has of the machine beside its programs.
	Binds []Bind
	// Person is what the lab may ask for, with Inside.Outside; nil is nothing.
	Person *outside.Person

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
	if err := cmp.Or(wrong, err, p.failed(), unborn(status)); err != nil {
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
	send(p.payload, message{trial: c.trial, events: c.Events != nil, asks: c.Person != nil, body: body})
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

// start makes the sandbox's first process. The calling thread must outlive it.
func start(c Config) (_ *process, err error) {
	p, theirs, err := c.connect()
	defer func() {
		closeAll(theirs)
		if err != nil {
			p.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	files := append([]*os.File{c.Stdin, c.Stdout, c.Stderr}, theirs[0], theirs[1], c.Events, theirs[2], theirs[3])
	p.pid, err = cloneInit(append([]string{initName}, c.Args...), c.environ(), descriptors(files, null), c.Trusted)
	if err != nil {
		return p, err
	}
	err = sendOrder(p.life, c.room(), p.pid)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		err = nil // the init has ended, and says why
	}
	if err != nil {
		p.kill()
		_, _ = p.wait()
	}
	return p, err
}

// connect makes the connections to the sandbox: theirs are the other ends of
// life, payload, questions (nil without any) and fault. The caller closes them,
// and the process, also after an error.
func (c Config) connect() (p *process, theirs []*os.File, err error) {
	p, theirs = &process{}, make([]*os.File, 4)
	if p.life, theirs[0], err = outside.Pair(); err != nil {
		return p, theirs, err
	}
	if theirs[1], p.payload, err = os.Pipe(); err != nil {
		return p, theirs, err
	}
	if p.fault, theirs[3], err = os.Pipe(); err != nil || c.Person == nil {
		return p, theirs, err
	}
	var conn *net.UnixConn
	if conn, theirs[2], err = outside.Pair(); err != nil {
		return p, theirs, err
	}
	go c.Person.Serve(conn)
	return p, theirs, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close() // of nil, too
	}
}

// room is the lab's.
func (c Config) room() room {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil {
			dir = "/" // it was removed
		}
	}
	if c.Trusted {
		return room{Trusted: true, Dir: dir}
	}
	r := newRoom(dir, os.Getenv("PATH"), c.Binds)
	r.Scratch = c.Scratch
	return r
}

func (c Config) environ() []string {
	switch {
	case c.Env != nil:
		return c.Env
	case c.Trusted:
		return os.Environ()
	}
	return Environ(os.Environ())
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
