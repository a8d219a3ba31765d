package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// insideSocket is where a lab answers the prompts that are inside it.
const insideSocket = "/run/nsl-lab.sock"

// attached is the world of a prompt in a lab that others use as well: it looks
// at the kernel itself, and has the lab's own world do what is done. What runs
// in the nodes is that world's, so that it outlives the prompt.
type attached struct {
	*kernel.World
	lab string
}

func (w *attached) ask(ctx context.Context, q question) (a answer, err error) {
	packed, err := pack(q)
	if err != nil {
		return a, err
	}
	c, err := keeper.DialInside(insideSocket, w.lab)
	if err != nil {
		return a, err
	}
	defer c.Close()
	r, err := c.Call(ctx, doAsk, packed)
	if err != nil {
		return a, err
	}
	if err := errors.Join(json.Unmarshal(r.Body, &packed), unpack(packed, &a)); err != nil {
		return a, err
	}
	if a.Err != nil {
		return a, a.Err
	}
	return a, nil
}

// Apply does one op.
func (w *attached) Apply(ctx context.Context, op plan.Op) error {
	_, err := w.ask(ctx, question{Ask: askApply, Op: op})
	return err
}

// Commit makes final what was taken away, by whichever prompt.
func (w *attached) Commit() error {
	_, err := w.ask(context.Background(), question{Ask: askCommit})
	return err
}

// Close leaves the lab as it is.
func (w *attached) Close() error { return errors.Join(w.Commit(), w.World.Close()) }

// Prefetch has no use: the ops are another process's.
func (w *attached) Prefetch([]plan.Op) {}

// Services are what runs in a node.
func (w *attached) Services(node string) ([]plan.Running, error) {
	a, err := w.ask(context.Background(), question{Ask: askServices, Node: node})
	return a.Services, err
}

// Names are a node's names beside its own.
func (w *attached) Names(node string) ([]string, error) {
	a, err := w.ask(context.Background(), question{Ask: askNames, Node: node})
	return a.Names, err
}

// Resolver is whom a node asks for names.
func (w *attached) Resolver(node string) (plan.Resolver, error) {
	a, err := w.ask(context.Background(), question{Ask: askResolver, Node: node})
	return a.Resolver, err
}

// Sysctl is the value of a setting.
func (w *attached) Sysctl(node, key string) (string, error) {
	a, err := w.ask(context.Background(), question{Ask: askSysctl, Node: node, Key: key})
	return a.Value, err
}

// Lookup finds the addresses of a name.
func (w *attached) Lookup(ctx context.Context, q plan.Lookup) (plan.LookupReply, error) {
	a, err := w.ask(ctx, question{Ask: askLookup, Lookup: q})
	return a.Lookup, err
}

// Ping sends echo requests once the interfaces are in operation.
func (w *attached) Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error) {
	if _, err := w.ask(ctx, question{Ask: askSettle}); err != nil {
		return nil, err
	}
	return w.World.Ping(ctx, requests)
}

// Connect asks services once the interfaces are in operation.
func (w *attached) Connect(ctx context.Context, requests []plan.Connect) ([]plan.ConnectReply, error) {
	if _, err := w.ask(ctx, question{Ask: askSettle}); err != nil {
		return nil, err
	}
	return w.World.Connect(ctx, requests)
}

// Exec runs a program as nsl exec does, on a terminal of its own where the prompt
// has one: it finds the names and servers that the lab's own world knows.
func (w *attached) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (int, error) {
	if has, err := w.HasNode(node); err != nil || !has {
		return 0, errors.Join(err, plan.ErrNoNode)
	}
	c, err := keeper.DialInside(insideSocket, w.lab)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	in, ok := s.In.(*os.File)
	if !ok {
		if in, err = os.Open(os.DevNull); err != nil {
			return 0, err
		}
		defer in.Close()
	}
	var code int
	run := func(out, errs *os.File) (err error) {
		code, err = c.Run(doExec, keeper.Exec{Node: node, Program: plan.Program{Argv: argv}, Color: colorOn(errs)}, in, out, errs)
		return err
	}
	err = withFile(s.Out, func(out *os.File) error {
		if s.Err == s.Out { // one writer must not be written to from two pipes at once
			return run(out, out)
		}
		return withFile(s.Err, func(errs *os.File) error { return run(out, errs) })
	})
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return code, err
}

// withFile runs f with a file whose text goes to w, and waits for all of it.
func withFile(w io.Writer, f func(*os.File) error) error {
	if file, ok := w.(*os.File); ok {
		return f(file)
	}
	if w == nil {
		w = io.Discard
	}
	r, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(w, r)
		copied <- err
	}()
	err = f(in)
	return errors.Join(err, in.Close(), <-copied)
}
