// Package kernel is the world that labs are really made in: the Linux kernel,
// spoken to over netlink. It is the only package that knows of netlink,
// network namespaces and nftables.
package kernel

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// World is the kernel, seen from one network namespace, the lab's host. Its
// nodes are the network namespaces that have a name under /run/netns
// (ip-netns(8)), whoever made them. It may be used by several goroutines.
type World struct {
	host *handle
	// netlink opens the sockets.
	netlink rtnl.Dialer

	mu    sync.Mutex
	open  map[string]*handle
	lru   *list.List // of *handle, the most recently used in front
	limit int        // of open handles
	trash []*handle  // deleted since the last Commit, oldest first
	held  []*handle  // while a program runs
	// ahead makes namespaces before their ops come.
	ahead nsPool
	sys   sysctls
	// settings remembers those of interfaces.
	settings settingsCache
	indexes  indexes
	// were are the numbers of interfaces that were deleted, the last of each name at the end.
	were map[plan.Ref][]int
	// staging is the node whose rules are staged, if some are.
	staging *handle
	// rising are the interfaces that were set up and may not be in operation yet.
	rising []plan.Ref
	// fresh are the addresses that were added and may not be in use yet.
	fresh []newAddr
	// shared: the directory of names is a shared mount.
	shared bool
	// peers remembers which node a namespace's peers were last found in; it is
	// where to look first, never an answer.
	peers map[peerKey]string
	// marks is how what is made can be recognized, or nil.
	marks *marks
}

// New opens the world whose host is the network namespace of the calling
// thread. The caller closes it.
func New() (*World, error) { return NewOn(rtnl.Dialer{}) }

// NewOn is New with sockets that this dialer opens.
func NewOn(d rtnl.Dialer) (*World, error) {
	host, err := openHost(d)
	if err != nil {
		return nil, fmt.Errorf("open the network namespace of this process: %w", err)
	}
	return &World{
		host:    host,
		netlink: d,
		ahead:   nsPool{netlink: d},
		open:    map[string]*handle{},
		lru:     list.New(),
		limit:   handleLimit(),
		peers:   map[peerKey]string{},
	}, nil
}

// Close gives back all that the world holds open. Namespaces that were deleted
// and not committed end with it.
func (w *World) Close() error {
	var errs []error
	w.unhold()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.open {
		errs = append(errs, w.drop(h))
	}
	for _, h := range w.trash {
		errs = append(errs, w.retire(h))
	}
	w.trash = nil
	return errors.Join(append(errs, w.ahead.stop(), w.sys.close(), w.retire(w.host))...)
}

// Apply does one op. The error is the kernel's (a syscall.Errno, with the
// kernel's own words where it gave some), or one of plan's.
func (w *World) Apply(ctx context.Context, op plan.Op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !keepsIndexes(op) {
		w.mu.Lock()
		w.indexes.forget()
		w.mu.Unlock()
	}
	return w.apply(ctx, op)
}

func (w *World) apply(ctx context.Context, op plan.Op) error { //nolint:funlen // one case for each op
	switch o := op.(type) {
	case plan.AddNS:
		return w.addNS(o.Name)
	case plan.DelNS:
		return w.delNS(o.Name, o.Undone)
	case plan.RestoreNS:
		return w.restoreNS(o.Name)
	case plan.AddVeth:
		return w.numbered(ctx, func(n numbers) error { return w.addVeth(o, n) }, plan.Ref{Node: o.A.Node, Link: o.A.Name}, plan.Ref{Node: o.B.Node, Link: o.B.Name})
	case plan.AddLink:
		return w.numbered(ctx, func(n numbers) error { return w.addLink(o, n) }, plan.Ref{Node: o.Node, Link: o.Name})
	case plan.MoveLink:
		return w.moveLink(o)
	case plan.SetSysctl:
		return w.setSysctl(o)
	case plan.SetItem:
		return w.setItem(o)
	case plan.Baseline:
		return w.baseline(o.Node)
	case plan.AddBridge:
		return w.numbered(ctx, func(n numbers) error {
			return w.in(o.Node, func(h *handle) error { return h.addBridge(o, n) })
		}, plan.Ref{Node: o.Node, Link: o.Name})
	case plan.DelLink:
		w.keepNumbers(ctx, o)
		return w.in(o.Node, func(h *handle) error { return h.delLink(o.Name) })
	case plan.SetUp:
		return w.pendingUp(o.Node, o.Name, w.in(o.Node, func(h *handle) error { return h.setFlags(o.Name, unix.IFF_UP) }))
	case plan.SetDown:
		return w.in(o.Node, func(h *handle) error { return h.setFlags(o.Name, 0) })
	case plan.SetMaster:
		return w.in(o.Node, func(h *handle) error { return h.setMaster(o.Name, o.Master) })
	case plan.SetMTU:
		return w.in(o.Node, func(h *handle) error { return h.setMTU(o.Name, o.MTU) })
	case plan.RenameLink:
		return w.in(o.Node, func(h *handle) error { return h.rename(o.Name, o.To) })
	case plan.SetMAC:
		return w.in(o.Node, func(h *handle) error { return h.setMAC(o.Name, o.MAC) })
	case plan.SetOption:
		return w.in(o.Node, func(h *handle) error { return h.setOption(o) })
	case plan.SetWG:
		return w.in(o.Node, func(h *handle) error { return h.setWG(o) })
	case plan.SetVLANs:
		return w.in(o.Node, func(h *handle) error { return h.setVLANs(o) })
	case plan.SetShape:
		return w.in(o.Node, func(h *handle) error { return h.setShape(o.Name, o.Shape) })
	case plan.AddAddr:
		return w.pendingAddr(o, w.in(o.Node, func(h *handle) error { return w.addAddr(h, o) }))
	case plan.DelAddr:
		return w.in(o.Node, func(h *handle) error { return h.delAddr(o) })
	case plan.SetNeighbour:
		return w.in(o.Node, func(h *handle) error { return h.setNeighbour(o) })
	case plan.DelNeighbour:
		return w.in(o.Node, func(h *handle) error { return h.delNeighbour(o) })
	case plan.AddProxy:
		return w.in(o.Node, func(h *handle) error { return h.proxy(o, unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_EXCL) })
	case plan.DelProxy:
		return w.in(o.Node, func(h *handle) error { return h.proxy(plan.AddProxy(o), unix.RTM_DELNEIGH, 0) })
	case plan.AddForward:
		return w.in(o.Node, func(h *handle) error { return h.addForward(o) })
	case plan.DelForward:
		return w.in(o.Node, func(h *handle) error { return h.delForward(o) })
	case plan.AddRoute:
		return w.in(o.Node, func(h *handle) error { return h.addRoute(o) })
	case plan.DelRoute:
		return w.in(o.Node, func(h *handle) error { return h.delRoute(o.Route) })
	case plan.AddRule:
		return w.in(o.Node, func(h *handle) error { return h.addRule(o.Rule) })
	case plan.DelRule:
		return w.in(o.Node, func(h *handle) error { return h.delRule(o.Rule) })
	case plan.AddNftTable:
		return w.in(o.Node, w.addTable)
	case plan.DelNftTable:
		return w.in(o.Node, func(h *handle) error { return h.delTable() })
	case plan.AddNftChain:
		return w.in(o.Node, func(h *handle) error { return h.addChain(o.Chain) })
	case plan.DelNftChain:
		return w.in(o.Node, func(h *handle) error { return h.delChain(o.Chain) })
	case plan.AddNftRule:
		return w.in(o.Node, func(h *handle) error { return h.addNftRule(o) })
	case plan.DelNftRule:
		return w.in(o.Node, func(h *handle) error { return h.delNftRule(o) })
	case plan.Exec, plan.Start, plan.Stop, plan.Restart, plan.Lease, plan.Release, plan.AddName, plan.DelName, plan.SetResolver:
		// No kernel remembers them: they are runtime/node's.
	}
	return fmt.Errorf("%T: %w", op, errors.ErrUnsupported)
}
