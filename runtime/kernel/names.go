package kernel

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// names are what nodes are called beside their own names and whom they ask for
// others, by namespace; and the files that tell it to programs.
type names struct {
	mu       sync.Mutex
	extra    map[nsID][]string
	resolver map[nsID]plan.Resolver
	// known are all nodes with their addresses, while nothing has changed.
	known []plan.NodeAddrs
	files nodeFiles
}

// changed tells that addresses or nodes may not be as they were.
func (n *names) changed() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = nil
}

func (n *names) add(home nsID, o plan.AddName) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.Contains(n.extra[home], o.Name) {
		return fmt.Errorf("%s: %w", o.Object(), unix.EEXIST)
	}
	if n.extra == nil {
		n.extra = map[nsID][]string{}
	}
	n.extra[home] = append(n.extra[home], o.Name)
	return nil
}

func (n *names) del(home nsID, o plan.DelName) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.Index(n.extra[home], o.Name)
	if i < 0 {
		return fmt.Errorf("%s: %w", o.Object(), unix.ESRCH)
	}
	n.extra[home] = slices.Delete(n.extra[home], i, i+1)
	return nil
}

func (n *names) setResolver(home nsID, r plan.Resolver) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.resolver == nil {
		n.resolver = map[nsID]plan.Resolver{}
	}
	n.resolver[home] = r
	return nil
}

// forget drops what belongs to namespaces that end: the kernel may use their
// numbers again.
func (n *names) forget(homes []*handle) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range homes {
		delete(n.extra, h.id)
		delete(n.resolver, h.id)
	}
}

func (n *names) close() error { return n.files.close() }

// Names are the names that a node was given beside its own.
func (w *World) Names(node string) (list []string, err error) {
	err = w.in(node, func(h *handle) error {
		w.names.mu.Lock()
		defer w.names.mu.Unlock()
		list = slices.Clone(w.names.extra[h.id])
		return nil
	})
	return list, err
}

// Resolver is what a node's /etc/resolv.conf says: that of the host where the
// node has none of its own (ip-netns(8)).
func (w *World) Resolver(node string) (r plan.Resolver, err error) {
	err = w.in(node, func(h *handle) error {
		w.names.mu.Lock()
		defer w.names.mu.Unlock()
		if r = w.names.resolver[h.id]; r.IsZero() {
			r = w.names.resolver[w.host.id]
		}
		return nil
	})
	return r, err
}

// Hosts are the lines of a node's /etc/hosts.
func (w *World) Hosts(node string) ([]plan.HostLine, error) {
	all, err := w.nodeAddrs()
	if err != nil {
		return nil, err
	}
	return plan.Hosts(node, all), nil
}

// nodeAddrs are all nodes, the host first. They are asked again after every op,
// and always while something runs that may change addresses.
func (w *World) nodeAddrs() ([]plan.NodeAddrs, error) {
	w.names.mu.Lock()
	all := w.names.known
	w.names.mu.Unlock()
	if all != nil && !w.services.foreign() {
		return all, nil
	}
	nodes, err := w.Nodes()
	if err != nil {
		return nil, err
	}
	all = make([]plan.NodeAddrs, 0, len(nodes)+1)
	for _, node := range append([]string{plan.Host}, nodes...) {
		n, err := w.addrsOf(node)
		if errors.Is(err, plan.ErrNoNode) {
			continue // deleted by somebody since it was listed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	w.names.mu.Lock()
	w.names.known = all
	w.names.mu.Unlock()
	return all, nil
}

// addrsOf are the addresses of a node that others can use, by interface.
func (w *World) addrsOf(node string) (plan.NodeAddrs, error) {
	n := plan.NodeAddrs{Node: node}
	var byLink map[int][]netip.Prefix
	err := w.in(node, func(h *handle) (err error) {
		byLink, err = h.addrs(0)
		return err
	})
	if err != nil {
		return n, err
	}
	for _, index := range slices.Sorted(maps.Keys(byLink)) {
		for _, a := range byLink[index] {
			if plan.InBook(a.Addr()) {
				n.Addrs = append(n.Addrs, a)
			}
		}
	}
	n.Names, err = w.Names(node)
	return n, err
}
