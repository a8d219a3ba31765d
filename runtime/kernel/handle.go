package kernel

import (
	"container/list"
	"errors"
	"fmt"
	"sync"

	"github.com/google/nftables"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// handle is a namespace held open: the namespace itself, a route netlink
// socket in it and, once it is needed, an nftables connection.
type handle struct {
	name string
	Namespace
	route   *conn
	netlink rtnl.Dialer

	nftMu    sync.Mutex
	nft      *nftables.Conn
	raw      *rtnl.Conn // what is below it in tests with faults
	nftTable nftCache
	staged   []stagedRule

	// Guarded by World.mu:
	users   int
	retired bool // close when the last user is done
	elem    *list.Element
}

// fdsPerHandle is how many descriptors an open handle needs at most.
const fdsPerHandle = 3

// mostHandles keeps the descriptors of handles far below 1024: the nftables library waits
// with select(2), which takes no higher ones.
const mostHandles = 200

// handleLimit leaves half of the descriptors that the process may have to
// everything else: files, programs, the sockets of probes.
func handleLimit() int {
	var lim unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &lim) != nil {
		lim.Cur = 1024
	}
	return int(max(min(lim.Cur/2/fdsPerHandle, mostHandles), 8))
}

// openHost opens the namespace of the calling thread.
func openHost(d rtnl.Dialer) (*handle, error) {
	// A goroutine may be moved to another thread between the two calls, but
	// not into another namespace: only locked threads leave the process's.
	ns, err := currentNS()
	if err != nil {
		return nil, err
	}
	return newHandle(plan.Host, ns, d)
}

// openNode opens the namespace of that name.
func openNode(name string, d rtnl.Dialer) (*handle, error) {
	ns, err := hold(netns.GetFromPath(nsPath(name)))
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("%s: %w", name, plan.ErrNoNode)
	}
	if err != nil {
		return nil, err
	}
	var h *handle
	err = ns.Inside(func() error {
		h, err = newHandle(name, ns, d)
		return err
	})
	if err != nil && h != nil {
		err = errors.Join(err, h.close()) // the thread did not come back
	}
	return h, err
}

// newHandle takes over ns, which the calling thread is in, and closes it when it fails.
func newHandle(name string, ns Namespace, d rtnl.Dialer) (*handle, error) {
	route, err := dial(d)
	if err != nil {
		return nil, errors.Join(err, ns.Close())
	}
	return &handle{name: name, Namespace: ns, route: route, netlink: d}, nil
}

// close closes the descriptors, once no one uses them.
func (h *handle) close() error {
	_ = h.route.Close()
	err := h.Close()
	return errors.Join(err, h.closeNft())
}

// in runs f with the handle of a node.
func (w *World) in(node string, f func(*handle) error) error {
	h, err := w.acquire(node)
	if err != nil {
		return err
	}
	defer w.release(h)
	return f(h)
}

// look asks the handle of a node.
func look[T any](w *World, node string, f func(*handle) (T, error)) (v T, err error) {
	err = w.in(node, func(h *handle) error {
		v, err = f(h)
		return err
	})
	return v, err
}

// acquire gives the handle of a node, which is open until it is released. The
// directory is asked each time: another program may have deleted the
// namespace, or made another one of the same name.
func (w *World) acquire(node string) (*handle, error) {
	id, err := w.IDOf(node)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h, err := w.cached(node, id)
	if err != nil {
		return nil, err
	}
	h.users++
	return h, nil
}

// cached is the open handle of a node, opened if there is none yet.
func (w *World) cached(node string, id ID) (*handle, error) {
	if node == plan.Host {
		return w.host, nil
	}
	if h := w.staging; h != nil && h.name == node && h.ID == id {
		return h, nil
	}
	if h := w.open[node]; h != nil {
		if h.ID == id {
			w.lru.MoveToFront(h.elem)
			return h, nil
		}
		if err := w.drop(h); err != nil {
			return nil, err
		}
	}
	h, err := openNode(node, w.netlink)
	if err != nil {
		return nil, err
	}
	return h, w.keep(h)
}

// release ends the use of a handle.
func (w *World) release(h *handle) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.users--
	if h.retired && h.users == 0 {
		_ = h.close() // no caller is left to report it to
	}
}

// keep puts a handle into the cache, and closes those that are over the limit.
func (w *World) keep(h *handle) error {
	w.open[h.name] = h
	h.elem = w.lru.PushFront(h)
	if len(w.open) <= w.limit {
		return nil
	}
	return w.drop(w.lru.Back().Value.(*handle))
}

// forget takes a handle out of the cache without closing it.
func (w *World) forget(h *handle) {
	if h.elem != nil {
		w.lru.Remove(h.elem)
		h.elem = nil
		delete(w.open, h.name)
	}
}

// drop takes a handle out of the cache and closes it.
func (w *World) drop(h *handle) error {
	w.forget(h)
	return w.retire(h)
}

// retire closes a handle now, or when its last user is done.
func (w *World) retire(h *handle) error {
	h.retired = true
	if h.users > 0 {
		return nil
	}
	return h.close()
}
