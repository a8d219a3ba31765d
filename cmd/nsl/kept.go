package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// What a kept lab does for its clients.
const (
	doBuild      = "build"      // run a script: a job; output, errors
	doStatements = "statements" // run statements: a job; output, errors
	doExec       = "exec"       // run a program: a keeper.Exec; its streams and directory
	doStatus     = "status"     // tell a status
	doPrompt     = "prompt"     // run a prompt, as exec runs a program
	doAsk        = "ask"        // answer a question of such a prompt
)

// status is what a lab tells of itself.
type status struct {
	// Nodes are without the host.
	Nodes []string
	// Programs are the commands that clients run in it.
	Programs []string
}

// living is a lab that lives on, seen from inside.
type living struct {
	name  string
	world *kernel.World
	log   io.Writer

	mu       sync.Mutex
	programs map[int]string
}

// keepInside is main in the sandbox of a kept lab: it answers clients until the
// lab is taken down. Standard input is the socket, standard error the log.
func keepInside(ctx context.Context, name string) error {
	socket, err := net.FileListener(os.Stdin)
	if err != nil {
		return err
	}
	listener, ok := socket.(*net.UnixListener)
	if !ok {
		return errors.New("standard input is no unix socket")
	}
	world, err := newHost(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	l := &living{name: name, world: world, log: keeper.NewLog(os.Stderr), programs: map[int]string{}}
	server := keeper.Server{Version: version, Build: l.build, Handle: l.handle}
	more, err := net.ListenUnix("unix", &net.UnixAddr{Name: insideSocket, Net: "unix"})
	if err != nil {
		return err
	}
	go server.ServeMore(ctx, more)
	server.Serve(ctx, listener)
	return nil
}

func (l *living) handle(ctx context.Context, c *keeper.Call) keeper.Reply {
	switch c.Do {
	case doStatements:
		return l.statements(ctx, c)
	case doExec, doPrompt:
		return l.exec(ctx, c)
	case doAsk:
		return l.ask(ctx, c)
	case doStatus:
		return l.status()
	}
	return keeper.Reply{Code: exitWrong}
}

// build is the body of doBuild.
type build struct {
	Job job
	// Keep leaves the lab there although the script failed.
	Keep bool
}

// build runs the script that makes the lab. What it says is kept in the log.
func (l *living) build(ctx context.Context, c *keeper.Call) keeper.Reply {
	var b build
	if err := json.Unmarshal(c.Body, &b); err != nil {
		return keeper.Reply{Code: exitWrong}
	}
	r := l.run(ctx, b.Job, c, l.log)
	r.Stays = r.Code == exitHeld || b.Keep
	return r
}

// statements runs statements for a client.
func (l *living) statements(ctx context.Context, c *keeper.Call) keeper.Reply {
	var j job
	if err := json.Unmarshal(c.Body, &j); err != nil {
		return keeper.Reply{Code: exitWrong}
	}
	return l.run(ctx, j, c, io.Discard)
}

// run runs a script with its client's output and error streams, which the log
// gets as well.
func (l *living) run(ctx context.Context, j job, c *keeper.Call, log io.Writer) keeper.Reply {
	if len(c.Files) != 2 {
		return keeper.Reply{Code: exitWrong}
	}
	ctx, stop := interruptible(ctx, c.Signals)
	defer stop()
	out, errs := io.MultiWriter(c.Files[0], log), io.MultiWriter(c.Files[1], log)
	set := &source.Set{}
	tree := syntax.Split(set.Add(j.Name, j.Text))
	streams := verb.Streams{Out: out, Err: errs}
	code, err := consoled(set, j, streams, func(o engine.Observer) (counts, error) {
		return onWorld(ctx, l.world, set, tree, j, o, streams)
	})
	if err != nil {
		code = tell(errs, set, j.ErrColor, err)
	}
	return keeper.Reply{Code: code}
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

func (l *living) status() keeper.Reply {
	nodes, err := l.world.Nodes()
	if err != nil {
		return keeper.Reply{Code: exitMachine}
	}
	s := status{Nodes: nodes}
	l.mu.Lock()
	for _, p := range l.programs {
		s.Programs = append(s.Programs, p)
	}
	l.mu.Unlock()
	body, err := json.Marshal(s)
	if err != nil {
		return keeper.Reply{Code: exitWrong}
	}
	return keeper.Reply{Body: body}
}

// unknownNode says that the lab has no node of that name, or returns nil.
func (l *living) unknownNode(name string) error {
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
