package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/probe"
)

// names are the nodes' names beside their own and their resolvers, by namespace;
// and the files in which programs find them.
type names struct {
	mu       sync.Mutex
	extra    map[kernel.ID][]string
	resolver map[kernel.ID]plan.Resolver
	// known is what nodes know of each other, while nothing has changed.
	known *acquaintance
	files nodeFiles
}

// acquaintance are all nodes with their addresses, and where these are.
type acquaintance struct {
	nodes []plan.NodeAddrs
	mu    sync.Mutex
	// mayShare reports whether two addresses may be on one segment; mu guards it.
	mayShare func(a, b plan.AddrUse) bool
}

// changed notes that addresses or nodes may not be as they were.
func (n *names) changed() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = nil
}

func (n *names) add(home kernel.ID, o plan.AddName) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.Contains(n.extra[home], o.Name) {
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.EEXIST)
	}
	if n.extra == nil {
		n.extra = map[kernel.ID][]string{}
	}
	n.extra[home] = append(n.extra[home], o.Name)
	return nil
}

func (n *names) del(home kernel.ID, o plan.DelName) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.Index(n.extra[home], o.Name)
	if i < 0 {
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.ESRCH)
	}
	n.extra[home] = slices.Delete(n.extra[home], i, i+1)
	return nil
}

func (n *names) setResolver(home kernel.ID, r plan.Resolver) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.resolver == nil {
		n.resolver = map[kernel.ID]plan.Resolver{}
	}
	n.resolver[home] = r
	return nil
}

// forget drops what belongs to namespaces that end: the kernel may use their
// numbers again.
func (n *names) forget(ids []kernel.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		delete(n.extra, id)
		delete(n.resolver, id)
	}
}

func (n *names) close() error { return n.files.close() }

// Names are the names that a node was given beside its own.
func (n *State) Names(node string) (list []string, err error) {
	err = n.of(node, func(id kernel.ID) error {
		n.names.mu.Lock()
		defer n.names.mu.Unlock()
		list = slices.Clone(n.names.extra[id])
		return nil
	})
	return list, err
}

// Resolver is what a node's /etc/resolv.conf says: that of the host where the
// node has none of its own (ip-netns(8)).
func (n *State) Resolver(node string) (r plan.Resolver, err error) {
	id, err := n.kernel.IDOf(node)
	if err != nil {
		return r, err
	}
	host, err := n.kernel.IDOf(plan.Host)
	n.names.mu.Lock()
	defer n.names.mu.Unlock()
	if r = n.names.resolver[id]; r.IsZero() {
		r = n.names.resolver[host]
	}
	return r, err
}

// Hosts are the lines of a node's /etc/hosts.
func (n *State) Hosts(node string) ([]plan.HostLine, error) {
	known, err := n.acquaintance()
	if err != nil {
		return nil, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	return plan.Hosts(node, known.nodes, known.mayShare), nil
}

// Lookup finds the addresses of a name as a program in a node would.
func (n *State) Lookup(ctx context.Context, q plan.Lookup) (reply plan.LookupReply, err error) {
	if err := n.kernel.Settle(ctx); err != nil {
		return reply, err
	}
	var names probe.NodeNames
	if names.Hosts, err = n.Hosts(q.Node); err != nil {
		return reply, err
	}
	if names.Resolver, err = n.Resolver(q.Node); err != nil {
		return reply, err
	}
	return probe.Lookup(ctx, n.kernel.Inside, names, q)
}

// acquaintance are all nodes, the host first. They are asked again after every op,
// and always while something runs that may change addresses.
func (n *State) acquaintance() (*acquaintance, error) {
	n.names.mu.Lock()
	known := n.names.known
	n.names.mu.Unlock()
	if known != nil && !n.services.foreign() {
		return known, nil
	}
	nodes, err := n.allAddrs()
	if err != nil {
		return nil, err
	}
	known = &acquaintance{nodes: nodes, mayShare: func(plan.AddrUse, plan.AddrUse) bool { return true }}
	if n.Segments != nil {
		known.mayShare = n.Segments()
	}
	n.names.mu.Lock()
	n.names.known = known
	n.names.mu.Unlock()
	return known, nil
}

// allAddrs are the addresses of all nodes, the host's first.
func (n *State) allAddrs() ([]plan.NodeAddrs, error) {
	nodes, err := n.kernel.Nodes()
	if err != nil {
		return nil, err
	}
	all := make([]plan.NodeAddrs, 0, len(nodes)+1)
	for _, node := range append([]string{plan.Host}, nodes...) {
		n, err := n.addrsOf(node)
		if errors.Is(err, plan.ErrNoNode) {
			continue // deleted since it was listed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// addrsOf are the addresses of a node that others can use.
func (n *State) addrsOf(node string) (plan.NodeAddrs, error) {
	all, err := n.kernel.Addrs(node)
	if err != nil {
		return plan.NodeAddrs{}, err
	}
	names, err := n.Names(node)
	known := plan.NodeAddrs{Node: node, Names: names}
	for _, a := range all {
		if plan.InBook(a.Addr()) {
			known.Addrs = append(known.Addrs, plan.AddrUse{Ref: plan.Ref{Node: node}, Addr: a})
		}
	}
	return known, err
}
