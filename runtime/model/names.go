package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

func (n *node) addName(o plan.AddName) error {
	if slices.Contains(n.names, o.Name) {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.EEXIST)
	}
	n.names = append(n.names, o.Name)
	return nil
}

func (n *node) delName(o plan.DelName) error {
	i := slices.Index(n.names, o.Name)
	if i < 0 {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.ESRCH)
	}
	n.names = slices.Delete(n.names, i, i+1)
	return nil
}

func (n *node) setResolver(o plan.SetResolver) error {
	n.resolver = o.Resolver
	return nil
}

// Names are the names that a node was given beside its own.
func (m *Model) Names(node string) ([]string, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	return slices.Clone(n.names), nil
}

// Resolver is what a node's /etc/resolv.conf says: that of the host where the
// node has none of its own.
func (m *Model) Resolver(node string) (plan.Resolver, error) {
	n, err := m.node(node)
	if err != nil {
		return plan.Resolver{}, err
	}
	if n.resolver.IsZero() {
		return m.nodes[plan.Host].resolver, nil
	}
	return n.resolver, nil
}

// Hosts are the lines of a node's /etc/hosts.
func (m *Model) Hosts(node string) ([]plan.HostLine, error) {
	if _, err := m.node(node); err != nil {
		return nil, err
	}
	var all []plan.NodeAddrs
	for _, name := range append([]string{plan.Host}, m.names()...) {
		n := m.nodes[name]
		known := plan.NodeAddrs{Node: name, Names: n.names}
		for _, l := range n.byIndex {
			for _, a := range l.addrs() {
				if plan.InBook(a.Addr()) {
					known.Addrs = append(known.Addrs, plan.AddrUse{Ref: plan.Ref{Node: name, Link: l.name}, Addr: a})
				}
			}
		}
		all = append(all, known)
	}
	snap := path.Of(m)
	return plan.Hosts(node, all, func(a, b plan.AddrUse) bool { return path.MayShare(snap, a.Ref, b.Ref) }), nil
}
