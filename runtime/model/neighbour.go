package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// setNeighbour enters a neighbour for good. An interface that is too small for IPv6
// has no neighbours of it (ndisc_constructor, net/ipv6/ndisc.c).
func (l *link) setNeighbour(o plan.SetNeighbour) error {
	if o.IP.Is6() && l.mtu < plan.MinMTU6 {
		return fmt.Errorf("neighbour %s of %s: %w", o.IP, l.place(), syscall.EINVAL)
	}
	l.delNeighbour(o.IP, plan.Permanent)
	l.neighbours = append(l.neighbours, plan.Neighbour{IP: o.IP, MAC: o.MAC, State: plan.Permanent})
	return nil
}

// delNeighbour deletes an entry, and reports whether there was one.
func (l *link) delNeighbour(ip netip.Addr, state string) (found bool) {
	before := len(l.neighbours)
	l.neighbours = slices.DeleteFunc(slices.Clone(l.neighbours), func(n plan.Neighbour) bool { return n.IP == ip && n.State == state })
	return len(l.neighbours) < before
}

// addProxy makes the node answer for an address; once more is no error (neigh_add,
// net/core/neighbour.c).
func (l *link) addProxy(ip netip.Addr) error {
	if ip.Is6() && l.mtu < plan.MinMTU6 {
		return fmt.Errorf("proxy %s of %s: %w", ip, l.place(), syscall.EINVAL)
	}
	l.delNeighbour(ip, plan.Proxy)
	l.neighbours = append(l.neighbours, plan.Neighbour{IP: ip, State: plan.Proxy})
	return nil
}

func (l *link) delProxy(ip netip.Addr) error {
	if !l.delNeighbour(ip, plan.Proxy) {
		return fmt.Errorf("proxy %s of %s: %w", ip, l.place(), syscall.ENOENT)
	}
	return nil
}

// forgetNeighbours deletes the entries of one family (neigh_ifdown, net/core/neighbour.c).
func (l *link) forgetNeighbours(six bool) {
	l.neighbours = slices.DeleteFunc(slices.Clone(l.neighbours), func(n plan.Neighbour) bool { return n.IP.Is6() == six })
}

// Neighbours are the entries that were made by hand: the model sends no packets.
func (m *Model) Neighbours(node string) ([]plan.Neighbour, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var all []plan.Neighbour
	for _, l := range n.byIndex {
		for _, e := range l.neighbours {
			e.Dev = l.name
			all = append(all, e)
		}
	}
	return all, nil
}
