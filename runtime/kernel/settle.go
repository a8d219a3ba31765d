package kernel

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// The kernel informs an interface's queue, and the bridge it is a port of, about
// a new carrier from a worker of its own (net/core/link_watch.c): at once as a
// rule, on a busy machine up to a second later. What is sent before is lost.
// So before something is sent the world waits for the interfaces that it has
// set up since it last did.
const (
	settleMost  = 1500 * time.Millisecond
	settlePause = 500 * time.Microsecond
)

// pendingUp notes that an interface was set up.
func (w *World) pendingUp(node, name string, err error) error {
	if err == nil {
		w.mu.Lock()
		w.rising = append(w.rising, plan.Ref{Node: node, Link: name})
		w.mu.Unlock()
	}
	return err
}

// newAddr is an IPv6 address that was added. The kernel makes its local route from
// a worker of its own too (addrconf_dad_work, net/ipv6/addrconf.c).
type newAddr struct {
	plan.Ref
	addr netip.Addr
}

// pendingAddr notes that an address was added.
func (w *World) pendingAddr(o plan.AddAddr, err error) error {
	if err == nil && o.Addr.Addr().Is6() {
		w.mu.Lock()
		w.fresh = append(w.fresh, newAddr{plan.Ref{Node: o.Node, Link: o.Link}, o.Addr.Addr()})
		w.mu.Unlock()
		if o.Peer.IsValid() && !o.DAD {
			w.awaitPeer(o)
		}
	}
	return err
}

// awaitPeer waits until an interface with a carrier has the route to the peer of a new
// address, which the same worker makes: it would be taken for one that is missing.
func (w *World) awaitPeer(o plan.AddAddr) {
	dst := netip.PrefixFrom(o.Peer, o.Peer.BitLen())
	for deadline := time.Now().Add(settleMost); time.Now().Before(deadline); _ = pause(context.Background(), settlePause) {
		l, err := w.Link(o.Node, o.Link)
		if err != nil || !l.Up || !l.Carrier {
			return
		}
		routes, err := w.Routes(o.Node)
		if err != nil || slices.ContainsFunc(routes, func(r plan.Route) bool { return r.Dst == dst }) {
			return
		}
	}
}

// Settle waits until every interface that this world has set up and that has a
// carrier is in operation, and every IPv6 address that it has added is in use. It
// is no error when one never is: then what is sent will show it.
func (w *World) Settle(ctx context.Context) error {
	w.mu.Lock()
	rising, fresh := w.rising, w.fresh
	w.rising, w.fresh = nil, nil
	w.mu.Unlock()
	deadline := time.Now().Add(settleMost)
	wait := func(done func() bool) error {
		for !done() && time.Now().Before(deadline) {
			if err := pause(ctx, settlePause); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range rising {
		if err := wait(func() bool { return w.settled(r) }); err != nil {
			return err
		}
	}
	for _, a := range fresh {
		if err := wait(func() bool { return w.inUse(a) }); err != nil {
			return err
		}
	}
	return nil
}

// inUse reports whether a new address has its local route. One that is gone, or on
// an interface that is down, needs none.
func (w *World) inUse(a newAddr) bool {
	done := true
	err := w.in(a.Node, func(h *handle) error {
		if r, err := h.routeTo(plan.RouteQuery{Dst: a.addr}); err == nil && r.Kind == "local" {
			return nil
		}
		l, err := w.fullLink(h, a.Link)
		done = err != nil || !l.Up || !slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == a.addr })
		return err
	})
	return done || err != nil
}

// settled reports whether an interface is in operation as far as its carrier
// lets it (IFF_RUNNING follows IFF_LOWER_UP; RFC 2863). One that is gone is.
func (w *World) settled(r plan.Ref) bool {
	done := true
	err := w.in(r.Node, func(h *handle) error {
		l, err := h.link(r.Link)
		done = err != nil || !l.Up || !l.Carrier || l.running
		return err
	})
	return done || err != nil && !errors.Is(err, unix.EINTR)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
