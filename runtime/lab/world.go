package lab

import (
	"context"
	"errors"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/kernel"
	"nsl/runtime/node"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
	"nsl/runtime/sandbox"
	"nsl/runtime/sandbox/confine"
)

// World is a lab: what its kernel has, and what no kernel remembers.
type World struct {
	*kernel.World
	*node.State
	prober
}

// Concurrent makes it a [plan.Concurrent].
func (*World) Concurrent() {}

// New opens the world whose host is the network namespace of the calling
// thread. The caller closes it.
func New() (*World, error) { return NewOn(rtnl.Dialer{}) }

// NewOn is New with netlink sockets that this dialer opens.
func NewOn(d rtnl.Dialer) (*World, error) {
	k, err := kernel.NewOn(d)
	if err != nil {
		return nil, err
	}
	w := &World{k, node.New(k), prober{k.Inside, k.Settle, d}}
	w.Segments = w.segments
	return w, nil
}

// segments looks at the lab for the segments of addresses.
func (w *World) segments() func(a, b plan.AddrUse) bool {
	snap := path.Of(w)
	at := func(u plan.AddrUse) plan.Ref {
		links, _ := snap.Links(u.Node) // without them it is on no segment
		i := slices.IndexFunc(links, func(l plan.Link) bool { return slices.Contains(l.Addrs, u.Addr) })
		if i < 0 {
			return plan.Ref{Node: u.Node}
		}
		return links[i].Ref()
	}
	return func(a, b plan.AddrUse) bool { return path.MayShare(snap, at(a), at(b)) }
}

// Open is New with the settings that every lab begins with.
func Open(ctx context.Context) (*World, error) {
	w, err := New()
	if err != nil {
		return nil, err
	}
	baseline := plan.Baseline{Node: plan.Host}
	if err := w.Apply(ctx, baseline); err != nil {
		_ = w.Close()
		return nil, diag.List{verb.Refused(source.Span{}, baseline, err)}
	}
	return w, nil
}

// OpenIn is Open in a sandbox, which confines the programs of the lab.
func OpenIn(ctx context.Context, in *sandbox.Inside) (*World, error) {
	w, err := Open(ctx)
	if err != nil {
		return nil, err
	}
	w.Confine, w.Files = in.Confine, scriptFiles{in}
	if in.Outside != nil {
		w.Suspend = in.Outside.Suspend
	}
	return w, nil
}

// limit bounds what the programs of the lab take. In one that is trusted nothing is.
func (w *World) limit(in *sandbox.Inside, l eval.Limits) error {
	if in.Trusted() {
		return nil
	}
	b := confine.Bounds{Programs: uint64(l.Programs), Files: uint64(l.Files), Memory: uint64(l.Memory) << 20} //nolint:gosec // flags, checked
	w.Bound = b.Program
	confine.LimitNamespaces(uint64(l.Nodes)) //nolint:gosec // likewise
	return b.Lab()
}

// Apply does one op. The error is the kernel's (a syscall.Errno, with the
// kernel's own words where it gave some), or one of plan's.
func (w *World) Apply(ctx context.Context, op plan.Op) error { return w.State.Apply(ctx, op) }

// Commit makes final what was deleted.
func (w *World) Commit() error { return w.State.Commit() }

// Close ends what runs in the nodes and gives back all that the world holds
// open. Namespaces that were deleted and not committed end with it.
func (w *World) Close() error { return errors.Join(w.State.Close(), w.World.Close()) }

// Sockets are the sockets of a node that wait for others.
func (w *World) Sockets(node string) ([]plan.Socket, error) { return w.State.Sockets(node) }
