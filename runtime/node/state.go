// Package node is what no kernel remembers of the nodes of a lab: what runs in
// them, their further names and their resolvers, their DHCP leases, and the
// files that programs find there.
package node

import (
	"context"
	"errors"

	"nsl/runtime/files"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// State is what is remembered of the nodes of a kernel world, by namespace: the
// name of one may be taken away and given back. Several goroutines may use it.
type State struct {
	// Confine, if it is not nil, is called on the thread that is to start a program,
	// and takes rights away from it; the thread ends with the program. A program that
	// administers may need network namespaces by name (ip-netns(8)).
	Confine func(administers bool) error
	// Suspend stops this process's group when Ctrl-Z is typed to a program that leaves
	// that to the kernel; nil is terminal.Suspend.
	Suspend func()
	// Bound bounds what a program takes that was just started; nil does not.
	Bound func(pid int) error
	// Files opens the files that statements name; nil are this process's own.
	Files files.Opener
	// Segments looks at the lab, and reports of two addresses, each with its node, whether
	// their interfaces may be on one segment; nil: any two may.
	Segments func() func(a, b plan.AddrUse) bool

	kernel     *kernel.World
	services   services
	leases     leases
	advertised advertised
	names      names
}

func (n *State) opener() files.Opener {
	if n.Files == nil {
		return files.Own{}
	}
	return n.Files
}

// New remembers nothing yet. The caller closes the state before the kernel world.
func New(k *kernel.World) *State { return &State{kernel: k} }

// Close ends what runs in the nodes, and removes their files.
func (n *State) Close() error {
	return errors.Join(n.services.close(), n.names.close())
}

// Apply does one op: its own, or as the kernel world does it.
func (n *State) Apply(ctx context.Context, op plan.Op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n.names.changed()
	switch o := op.(type) {
	case plan.Exec:
		// Only that the program ran matters to the op, not its exit code.
		_, err := n.Exec(ctx, o.Node, o.Argv, plan.Streams{})
		return err
	case plan.Start:
		return n.start(ctx, o)
	case plan.Stop:
		return n.stop(o)
	case plan.Restart:
		return n.restart(o)
	case plan.Lease:
		return n.askLease(ctx, o)
	case plan.Release:
		return n.endLease(o)
	case plan.AddName:
		return n.of(o.Node, func(id kernel.ID) error { return n.names.add(id, o) })
	case plan.DelName:
		return n.of(o.Node, func(id kernel.ID) error { return n.names.del(id, o) })
	case plan.SetResolver:
		return n.of(o.Node, func(id kernel.ID) error { return n.names.setResolver(id, o.Resolver) })
	default:
		return n.kernel.Apply(ctx, op)
	}
}

// of runs f with the ID of a node's namespace.
func (n *State) of(node string, f func(kernel.ID) error) error {
	id, err := n.kernel.IDOf(node)
	if err != nil {
		return err
	}
	return f(id)
}

// Commit lets the namespaces end that were deleted, after what runs in them.
func (n *State) Commit() error {
	deleted := n.kernel.Deleted()
	ids := deleted.IDs()
	err := errors.Join(n.services.endIn(ids), n.kernel.End(deleted))
	n.names.forget(ids)
	n.leases.forget(ids)
	n.advertised.forget(ids)
	return errors.Join(err, n.refreshFiles())
}
