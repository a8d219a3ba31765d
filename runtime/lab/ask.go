package lab

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"nsl/runtime/keeper"
	"nsl/runtime/plan"
	"nsl/runtime/repl"
	"nsl/runtime/state"
)

// question is what a prompt asks of the world of its lab: an op to do, or one of
// the things that only that world knows.
type question struct {
	// Ask is the name of the method.
	Ask    string
	Op     plan.Op
	Node   string
	Lookup plan.Lookup
	// Keys are settings.
	Keys []string
}

// answer is what the method returned.
type answer struct {
	Services []plan.Running
	Names    []string
	Resolver plan.Resolver
	Lookup   plan.LookupReply
	Sockets  []plan.Socket
	Origin   repl.Origin
	Lab      *state.Lab
	Err      *packedError
}

// The questions.
const (
	askApply    = "Apply"
	askCommit   = "Commit"
	askSettle   = "Settle"
	askServices = "Services"
	askNames    = "Names"
	askResolver = "Resolver"
	askSockets  = "Sockets"
	askLookup   = "Lookup"
	askOrigin   = "Origin"
	askRead     = "Read"
)

// ask answers a prompt that is in the lab.
func (l *server) ask(ctx context.Context, c *keeper.Call) ([]byte, error) {
	var packed []byte
	var q question
	if err := errors.Join(json.Unmarshal(c.Body, &packed), unpack(packed, &q)); err != nil {
		return nil, err
	}
	var a answer
	var err error
	switch q.Ask {
	case askApply:
		err = l.doOp(ctx, q.Op, c.Files)
	case askCommit:
		err = l.world.Commit()
	case askSettle:
		err = l.world.Settle(ctx)
	case askServices:
		a.Services, err = l.world.Services(q.Node)
	case askNames:
		a.Names, err = l.world.Names(q.Node)
	case askResolver:
		a.Resolver, err = l.world.Resolver(q.Node)
	case askSockets:
		a.Sockets, err = l.world.Sockets(q.Node)
	case askOrigin:
		a.Origin = l.built.origin()
	case askRead:
		a.Lab, err = l.read(q.Keys)
	case askLookup:
		a.Lookup, err = l.world.Lookup(ctx, q.Lookup)
	}
	a.Err = packError(err)
	return pack(a)
}

// doOp does an op of a prompt's, which has opened the file that is named in it.
func (l *server) doOp(ctx context.Context, op plan.Op, opened []*os.File) error {
	if name, _ := namedFile(op); name != "" && len(opened) == 1 {
		if err := l.handed.hand(name, opened[0]); err != nil {
			return err
		}
	}
	return l.world.Apply(ctx, op)
}

// origin is the script that a lab was built by, for save.
func (b build) origin() repl.Origin {
	return repl.Origin{Name: b.File, Text: b.Job.Text, Set: b.Job.Options.Set, Args: b.Job.Options.Args}
}
