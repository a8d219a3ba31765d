package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"

	"nsl/runtime/plan"
)

// maxNSName is the longest name of a file (NAME_MAX; <linux/limits.h>).
const maxNSName = 255

// node is a network namespace.
type node struct {
	name string
	// gone is set while the namespace has no name.
	gone  bool
	links map[string]*link
	// byIndex are the links in the order of their indexes.
	byIndex   []*link
	lastIndex int
	tables    map[int]*fib
	// rules are the policy rules, IPv4's and IPv6's, by priority.
	rules [2][]plan.Rule
	// unmerged reports that someone has changed the IPv4 rules.
	unmerged bool
	sys      settings
	nft      *nftTable
	// filters are the tables of other programs' packet filters.
	filters []plan.Item
	// sourced counts the routes that have a preferred source address.
	sourced int
	// local4: the table of its own IPv4 addresses was made, with the first of them.
	local4 bool
	// services are what runs here, in the order it was started.
	services []plan.Running
	// names are those it was given beside its own.
	names    []string
	resolver plan.Resolver
}

func newNode(name string) *node {
	n := &node{name: name, links: map[string]*link{}, tables: map[int]*fib{}, rules: kernelRules()}
	n.register(&link{name: plan.Loopback, mtu: loopbackMTU, mac: "00:00:00:00:00:00", set: plan.DefaultOptions("", false)})
	return n
}

// node finds a namespace by its name.
func (m *Model) node(name string) (*node, error) {
	if n := m.nodes[name]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("%s: %w", name, plan.ErrNoNode)
}

// link finds an interface by its name.
func (n *node) link(name string) (*link, error) {
	if l := n.links[name]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("%s: %w", plan.Place(n.name, name), plan.ErrNoLink)
}

func (m *Model) addNS(name string) error {
	if name == "" || name == "." || name == ".." || name == plan.Host ||
		len(name) > maxNSName || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("namespace name %q: %w", name, syscall.EINVAL)
	}
	if m.nodes[name] != nil {
		return fmt.Errorf("%s: %w", name, syscall.EEXIST)
	}
	m.put(newNode(name))
	return nil
}

// delNS takes the name away and keeps the namespace until Commit.
func (m *Model) delNS(name string, undone bool) error {
	if name == plan.Host {
		return fmt.Errorf("namespace name %q: %w", name, syscall.EINVAL)
	}
	n, err := m.node(name)
	if err != nil {
		return err
	}
	delete(m.nodes, name)
	n.gone = true
	m.sorted = nil
	if undone {
		m.trash = slices.Insert(m.trash, 0, n) // restoreNS looks from the other end
		return nil
	}
	m.trash = append(m.trash, n)
	return nil
}

// restoreNS gives back the name that the last delNS of it took.
func (m *Model) restoreNS(name string) error {
	for i, n := range slices.Backward(m.trash) {
		if n.name != name {
			continue
		}
		if m.nodes[name] != nil {
			return fmt.Errorf("%s: %w", name, syscall.EEXIST)
		}
		m.trash = slices.Delete(m.trash, i, i+1)
		m.put(n)
		return nil
	}
	return fmt.Errorf("%s: %w", name, plan.ErrNoNode)
}

func (m *Model) put(n *node) {
	n.gone = false
	m.nodes[n.name] = n
	m.sorted = nil
}

// Commit ends the namespaces that were deleted, and with them their links and
// the other ends of their cables.
func (m *Model) Commit() error {
	for _, n := range m.trash {
		for _, l := range slices.Clone(n.byIndex) {
			if l.kind != "" && n.links[l.name] == l {
				l.remove()
			}
		}
		m.endTunnels(n)
	}
	m.trash = nil
	return nil
}

// endTunnels deletes the vxlans that send from a namespace that ends.
func (m *Model) endTunnels(home *node) {
	for _, n := range m.nodes {
		for _, l := range slices.Clone(n.byIndex) {
			if l.home == home {
				l.remove()
			}
		}
	}
}

// names are the names of the nodes without the host, sorted.
func (m *Model) names() []string {
	if m.sorted == nil {
		m.sorted = slices.SortedFunc(maps.Keys(m.nodes), plan.CompareNames)
		i, _ := slices.BinarySearchFunc(m.sorted, plan.Host, plan.CompareNames)
		m.sorted = slices.Delete(m.sorted, i, i+1)
	}
	return m.sorted
}
