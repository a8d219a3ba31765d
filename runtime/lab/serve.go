package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
	"nsl/runtime/proc"
	"nsl/runtime/sandbox"
	"nsl/runtime/state"
)

// What a running lab does for its clients.
const (
	doBuild      = "build"      // run a script: a build; output, errors
	doStatements = "statements" // run statements: a statements; output, errors
	doExec       = "exec"       // run a program: a keeper.Exec; its streams and directory
	doStatus     = "status"     // report its Status
	doApply      = "apply"      // become what a script says: a Job; output, errors
	doState      = "state"      // report what it has: a stateQuestion
	doPrompt     = "prompt"     // run a prompt, as exec runs a program
	doAsk        = "ask"        // answer a question of such a prompt
)

// Status is what a running lab reports about itself.
type Status struct {
	// Nodes are without the host.
	Nodes []string
	// Programs counts those that run in it, without what they started themselves.
	Programs int
}

// server is a running lab, seen from inside.
type server struct {
	Setup
	name  string
	world *World
	// inside is the sandbox that the lab is in, and handed what prompts have opened for it.
	inside *sandbox.Inside
	handed *handedFiles
	log    io.Writer
	// built is what the lab was built by.
	built build
	// pristine are the settings of a node in which nothing was changed.
	pristine state.Pristine
}

// keepInside answers the clients of a running lab until it is taken down.
// Standard input is the socket, standard error the log.
func (s Setup) keepInside(ctx context.Context, in *sandbox.Inside) (int, error) {
	name, err := payload[string](in)
	if err != nil {
		return 0, err
	}
	socket, err := net.FileListener(os.Stdin)
	if err != nil {
		return 0, err
	}
	listener, ok := socket.(*net.UnixListener)
	if !ok {
		return 0, errors.New("standard input is no unix socket")
	}
	world, err := OpenIn(ctx, in)
	if err != nil {
		return 0, err
	}
	defer func() { _ = world.Close() }()
	pristine, err := state.ReadPristine(world, plan.Host)
	if err != nil {
		return 0, err
	}
	handed := newHandedFiles(world.Files)
	world.Files = handed
	l := &server{Setup: s, name: name, world: world, inside: in, handed: handed, log: keeper.NewLog(os.Stderr), pristine: pristine}
	answers := keeper.Server{Version: s.Version, Build: l.build, Handle: l.handle}
	more, err := net.ListenUnix("unix", &net.UnixAddr{Name: insideSocket, Net: "unix"})
	if err != nil {
		return 0, err
	}
	go answers.ServeMore(ctx, more)
	answers.Serve(ctx, listener)
	return diag.ExitOK, nil
}

func (l *server) handle(ctx context.Context, c *keeper.Call) keeper.Reply {
	var code int
	var body any
	err := fmt.Errorf("%s: %w", c.Do, errors.ErrUnsupported)
	switch c.Do {
	case doStatements:
		code, err = l.statements(ctx, c)
	case doApply:
		code, err = l.apply(ctx, c)
	case doExec, doPrompt:
		code, err = l.exec(ctx, c)
	case doAsk:
		body, err = l.ask(ctx, c)
	case doState:
		body, err = l.state(c)
	case doStatus:
		body, err = l.status()
	}
	r := keeper.Reply{Code: code}
	if err == nil {
		r.Body, err = json.Marshal(body)
	}
	if err != nil {
		return keeper.Reply{Code: diag.ExitWrong}
	}
	return r
}

// build is the body of doBuild.
type build struct {
	Job Job
	// File is the script's, absolute.
	File string
	// Keep keeps the lab running although the script failed.
	Keep bool
}

// build runs the script that makes the lab. Its output goes to the log as well.
func (l *server) build(ctx context.Context, c *keeper.Call) keeper.Reply {
	var b build
	if err := json.Unmarshal(c.Body, &b); err != nil {
		return keeper.Reply{Code: diag.ExitWrong}
	}
	l.built = b // before any other client is served
	if err := l.world.limit(l.inside, b.Job.Options.Limits); err != nil {
		return keeper.Reply{Code: diag.ExitMachine}
	}
	code := l.run(ctx, b.Job, c, l.log, l.inConsole)
	return keeper.Reply{Code: code, Running: code == diag.ExitOK || b.Keep}
}

// reporter reports what a job does, and returns its exit code.
type reporter func(j Job, streams verb.Streams, do func(*run) error) int

// run runs a script with its client's output and error streams, which the log
// gets as well.
func (l *server) run(ctx context.Context, j Job, c *keeper.Call, log io.Writer, report reporter) int {
	return l.with(ctx, c, log, func(ctx context.Context, streams verb.Streams) int {
		return report(j, streams, func(r *run) error { return r.on(ctx, l.world) })
	})
}

// with does something with the streams of a client, which the log gets as well, until the
// client interrupts it.
func (l *server) with(ctx context.Context, c *keeper.Call, log io.Writer, do func(context.Context, verb.Streams) int) (exit int) {
	if len(c.Files) != 2 {
		return diag.ExitWrong
	}
	ctx, stop := interruptible(ctx, c.Signals)
	defer stop()
	return do(ctx, verb.Streams{Out: io.MultiWriter(c.Files[0], log), Err: io.MultiWriter(c.Files[1], log)})
}

// interruptible ends the context with the first signal that the client passes on.
func interruptible(ctx context.Context, signals <-chan syscall.Signal) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		select {
		case <-signals:
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}

func (l *server) status() (s Status, err error) {
	if s.Nodes, err = l.world.Nodes(); err != nil {
		return s, err
	}
	s.Programs = programs()
	return s, nil
}

// programs counts what this process has started, and what was left by programs that
// have ended: it became a child of the sandbox's first process.
func programs() (n int) {
	for _, pid := range proc.PIDs() {
		parent := proc.Status(pid, "PPid")
		if pid != os.Getpid() && (parent == "1" || parent == strconv.Itoa(os.Getpid())) && !proc.Ended(pid) {
			n++
		}
	}
	return n
}

// unknownNode says that the lab has no node of that name, or returns nil.
func (l *server) unknownNode(name string) error {
	if has, err := l.world.HasNode(name); err != nil || has {
		return err
	}
	nodes, err := l.world.Nodes()
	if err != nil {
		return err
	}
	nodes = append(nodes, plan.Host)
	d := diag.Errorf(diag.UnknownNode, source.Span{}, "the lab %s has no node %q", l.name, name)
	return d.WithNearest(name, nodes, "it has %s", someOf(nodes))
}

// someOf lists names, those that a person can take in at a glance.
func someOf(names []string) string {
	const most = 12
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
