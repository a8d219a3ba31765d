package kernel

import (
	"context"
	"errors"
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

// Settle waits until every interface that this world has set up and that has a
// carrier is in operation. It is no error when one never is: then what is sent
// will show it.
func (w *World) Settle(ctx context.Context) error {
	w.mu.Lock()
	waiting := w.rising
	w.rising = nil
	w.mu.Unlock()
	deadline := time.Now().Add(settleMost)
	for _, r := range waiting {
		for !w.settled(r) && time.Now().Before(deadline) {
			if err := pause(ctx, settlePause); err != nil {
				return err
			}
		}
	}
	return nil
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
