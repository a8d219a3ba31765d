package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/service"
)

// leaseMost is how long a DHCP client waits for an answer.
const leaseMost = 5 * time.Second

// leases are what DHCP clients were lent, by interface.
type leases struct {
	mu sync.Mutex
	by map[leaseKey]heldLease
}

type leaseKey struct {
	home kernel.ID
	link string
}

// heldLease is a lease, and the ops that gave it to the node.
type heldLease struct {
	leased plan.Leased
	ops    []plan.Op
}

func (l *leases) keep(k leaseKey, h heldLease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[leaseKey]heldLease{}
	}
	l.by[k] = h
}

func (l *leases) take(k leaseKey) (heldLease, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.by[k]
	delete(l.by, k)
	return h, ok
}

// forget drops what belongs to namespaces that end.
func (l *leases) forget(ids []kernel.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range l.by {
		if slices.Contains(ids, k.home) {
			delete(l.by, k)
		}
	}
}

// askLease asks for an address and gives the node what came with it.
func (n *State) askLease(ctx context.Context, o plan.Lease) error {
	if err := n.kernel.Settle(ctx); err != nil {
		return err
	}
	k, err := n.leaseKey(o.Node, o.Link)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, leaseMost)
	defer cancel()
	leased, err := service.Lease(asking, n.place(o.Node), o.Link, o.Want)
	if err != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	h := heldLease{leased: leased}
	for _, op := range o.Ops(leased) {
		if err := n.Apply(ctx, op); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", op.Effect().Object, err), n.giveBack(o.Node, o.Link, h))
		}
		h.ops = append(h.ops, op)
	}
	n.leases.keep(k, h)
	return nil
}

// endLease gives back what askLease has brought.
func (n *State) endLease(o plan.Release) error {
	k, err := n.leaseKey(o.Node, o.Link)
	if err != nil {
		return err
	}
	h, ok := n.leases.take(k)
	if !ok {
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.ESRCH)
	}
	return n.giveBack(o.Node, o.Link, h)
}

// giveBack notifies the server, and removes from the node what is still there: a
// script may have taken some of it away itself.
func (n *State) giveBack(node, link string, h heldLease) error {
	// A server that is gone needs no notice.
	_ = service.Release(n.place(node), link, h.leased)
	var errs []error
	for _, op := range plan.InverseOf(h.ops) {
		err := n.Apply(context.Background(), op)
		if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EADDRNOTAVAIL) {
			continue
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (n *State) leaseKey(node, link string) (k leaseKey, err error) {
	if _, err := n.kernel.Link(node, link); err != nil {
		return k, err
	}
	id, err := n.kernel.IDOf(node)
	return leaseKey{id, link}, err
}

// place is a node as servers and clients see it.
func (n *State) place(node string) service.Node {
	return service.Node{Name: node, Inside: func(f func() error) error { return n.kernel.Inside(node, f) }}
}
