package kernel

import (
	"errors"
	"slices"

	"nsl/runtime/kernel/content"
	"nsl/runtime/plan"
)

// Content is what nodes hold, as the kernel describes it. A node that is gone is left out.
// With hold they are held until the next call: one that a program deletes meanwhile can then
// be restored, until the next Commit.
func (w *World) Content(nodes []string, hold bool) (plan.Content, error) {
	w.unhold()
	all := plan.Content{}
	for _, node := range nodes {
		h, err := w.acquire(node)
		if errors.Is(err, plan.ErrNoNode) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = h.Inside(func() (err error) {
			all[node], err = content.Read(w.netlink)
			return err
		})
		if hold && err == nil {
			err = w.givePeers(h, all[node])
		}
		if hold && err == nil && node != plan.Host {
			w.mu.Lock()
			w.held = append(w.held, h)
			w.mu.Unlock()
			continue
		}
		w.release(h)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// unhold gives back what is held. Namespaces whose names are gone are kept as those that an
// op deleted.
func (w *World) unhold() {
	w.mu.Lock()
	held := w.held
	w.held = nil
	w.mu.Unlock()
	for _, h := range held {
		if id, err := w.lookup(h.name); err == nil && id == h.ID {
			w.release(h)
			continue
		}
		w.mu.Lock()
		if !h.retired {
			w.forget(h)
		}
		h.users, h.retired = h.users-1, false
		w.trash = append(w.trash, h)
		w.mu.Unlock()
	}
}

// givePeers finds the other ends of the veth cables among what a node holds. One that is
// outside of the lab has none.
func (w *World) givePeers(h *handle, items []plan.Item) error {
	links, err := h.links()
	for _, l := range links {
		if l.Kind != "veth" || l.peer == 0 {
			continue
		}
		i := slices.IndexFunc(items, func(i plan.Item) bool { return i.Kind == plan.LinkItem && i.Key == l.Name })
		if peer, bad := w.peer(h, l); bad == nil && i >= 0 {
			items[i].Peer = peer
		}
	}
	return err
}

// setItem makes one thing of a node what it is to be.
func (w *World) setItem(o plan.SetItem) error {
	if o.Was.Kind == "" && o.Other.Kind != "" {
		return w.in(o.Is.Peer.Node, func(other *handle) error {
			return w.Inside(o.Node, func() error { return content.WriteCable(w.netlink, o.Is, o.Other, int(other.ns)) })
		})
	}
	return w.Inside(o.Node, func() error { return content.Write(w.netlink, o.Was, o.Is) })
}
