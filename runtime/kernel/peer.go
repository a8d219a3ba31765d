package kernel

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// peerKey is a namespace and the number it has for another one.
type peerKey struct {
	ns   ID
	nsid int
}

// Peer is the other end of a veth cable. The kernel gives its index, and its
// namespace as a number that is valid in the asking namespace only.
func (w *World) Peer(node, link string) (plan.Ref, error) {
	return look(w, node, func(h *handle) (plan.Ref, error) {
		l, err := h.link(link)
		if err != nil {
			return plan.Ref{}, err
		}
		if l.Kind != "veth" || l.peer == 0 {
			return plan.Ref{}, fmt.Errorf("other end of %s: %w", plan.Place(node, link), plan.ErrNoLink)
		}
		return w.peer(h, l)
	})
}

func (w *World) peer(h *handle, l rawLink) (plan.Ref, error) {
	node := h.name
	if l.peerNS >= 0 {
		var err error
		if node, err = w.nodeOf(h, l.peerNS); err != nil {
			return plan.Ref{}, fmt.Errorf("other end of %s: %w", plan.Place(h.name, l.Name), err)
		}
	}
	other, err := look(w, node, func(p *handle) (rawLink, error) { return p.linkAt(l.peer) })
	return plan.Ref{Node: node, Link: other.Name}, err
}

// nodeOf finds the node that h's namespace has a number for: where it was
// found last, on the host, or else anywhere.
func (w *World) nodeOf(h *handle, nsid int) (string, error) {
	w.mu.Lock()
	known, ok := w.peers[peerKey{h.ID, nsid}]
	w.mu.Unlock()
	if ok {
		if id, err := w.nsidOf(h, known); err == nil && id == nsid {
			return known, nil
		}
	}
	if id, err := w.nsidOf(h, plan.Host); err == nil && id == nsid {
		return plan.Host, nil
	}
	return w.search(h, nsid)
}

// search asks for the number of every node, and remembers them.
func (w *World) search(h *handle, nsid int) (string, error) {
	names, err := w.Nodes()
	if err != nil {
		return "", err
	}
	found := ""
	for _, name := range names {
		id, err := w.nsidOf(h, name)
		if errors.Is(err, plan.ErrNoNode) {
			continue // deleted since the names were read
		}
		if err != nil {
			return "", err
		}
		w.remember(h.ID, id, name)
		if id == nsid {
			found = name
		}
	}
	if found == "" {
		return "", plan.ErrNoLink
	}
	return found, nil
}

func (w *World) remember(ns ID, nsid int, node string) {
	if nsid < 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.peers[peerKey{ns, nsid}] = node
}

// nsidOf is the number that h's namespace has for a node; -1 when it has none.
func (w *World) nsidOf(h *handle, node string) (int, error) {
	return look(w, node, func(p *handle) (int, error) { return h.nsid(p.ns) })
}

// nsid asks for the number that the namespace has for another (RTM_GETNSID).
func (h *handle) nsid(ns netns.NsHandle) (int, error) {
	msg, err := h.route.get(unix.RTM_GETNSID, unix.RTM_NEWNSID, nl.NewRtGenMsg(),
		attr32(netlink.NETNSA_FD, uint32(ns)))
	if err != nil {
		return -1, err
	}
	as, err := attrs(msg, nl.NewRtGenMsg().Len())
	return int(int32(number(as[netlink.NETNSA_NSID]))), err
}
