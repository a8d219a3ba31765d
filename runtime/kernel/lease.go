package kernel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

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
	home nsID
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
func (l *leases) forget(homes []*handle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range l.by {
		for _, h := range homes {
			if k.home == h.id {
				delete(l.by, k)
			}
		}
	}
}

// askLease asks for an address and gives the node what came with it.
func (w *World) askLease(ctx context.Context, o plan.Lease) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	k, err := w.leaseKey(o.Node, o.Link)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, leaseMost)
	defer cancel()
	leased, err := service.Lease(asking, w.place(o.Node), o.Link, o.Want)
	if err != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	h := heldLease{leased: leased}
	for _, op := range o.Ops(leased) {
		if err := w.Apply(ctx, op); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", op.Object(), err), w.giveBack(o.Node, o.Link, h))
		}
		h.ops = append(h.ops, op)
	}
	w.leases.keep(k, h)
	return nil
}

// endLease gives back what askLease has brought.
func (w *World) endLease(o plan.Release) error {
	k, err := w.leaseKey(o.Node, o.Link)
	if err != nil {
		return err
	}
	h, ok := w.leases.take(k)
	if !ok {
		return fmt.Errorf("%s: %w", o.Object(), unix.ESRCH)
	}
	return w.giveBack(o.Node, o.Link, h)
}

// giveBack tells the server, and takes from the node what is still there: a
// script may have taken some of it away itself.
func (w *World) giveBack(node, link string, h heldLease) error {
	// A server that is gone needs no telling.
	_ = service.Release(w.place(node), link, h.leased)
	var errs []error
	for _, op := range plan.InverseOf(h.ops) {
		err := w.Apply(context.Background(), op)
		if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EADDRNOTAVAIL) {
			continue
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (w *World) leaseKey(node, link string) (k leaseKey, err error) {
	err = w.in(node, func(h *handle) error {
		k = leaseKey{h.id, link}
		_, err := h.index(link)
		return err
	})
	return k, err
}

// place is a node as servers and clients see it.
func (w *World) place(node string) service.Node {
	return service.Node{Name: node, Inside: func(f func() error) error { return w.Inside(node, f) }}
}
