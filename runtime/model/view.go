package model

import (
	"fmt"
	"slices"

	"nsl/runtime/plan"
)

// Nodes are the names of the namespaces, sorted, without the host.
func (m *Model) Nodes() ([]string, error) { return slices.Clone(m.names()), nil }

// HasNode reports whether a namespace of that name is there; the host is.
func (m *Model) HasNode(name string) (bool, error) { return m.nodes[name] != nil, nil }

// Links are the interfaces of a node by index, loopback included.
func (m *Model) Links(node string) ([]plan.Link, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	links := make([]plan.Link, len(n.byIndex))
	for i, l := range n.byIndex {
		links[i] = l.plan()
	}
	return links, nil
}

// Link is one interface of a node.
func (m *Model) Link(node, name string) (plan.Link, error) {
	n, err := m.node(node)
	if err != nil {
		return plan.Link{}, err
	}
	l, err := n.link(name)
	if err != nil {
		return plan.Link{}, err
	}
	return l.plan(), nil
}

func (l *link) plan() plan.Link {
	p := plan.Link{
		Node: l.node.name, Name: l.name, Index: l.index, Kind: l.kind, Up: l.up,
		Carrier: l.carrier(), MTU: l.mtu, MAC: l.mac, Shape: l.shape, Addrs: l.addrs(), Special: l.special(),
		VLANs: slices.Clone(l.vlans), LinkOptions: l.options(), IfOptions: l.set, WG: l.wg,
	}
	if l.master != nil {
		p.Master = l.master.name
	}
	if l.vrf != nil {
		p.VRF = l.vrf.name
	}
	if l.bond != nil {
		p.Bond, p.OwnMAC, p.Backup = l.bond.name, l.ownMAC, !slices.Contains(l.bond.active(), l)
	}
	if l.br != nil {
		p.VLANFiltering = l.br.vlanFiltering
	}
	return p
}

// Peer is the other end of a veth cable; plan.ErrNoLink when it has none in
// the lab, as when its namespace was deleted.
func (m *Model) Peer(node, name string) (plan.Ref, error) {
	n, err := m.node(node)
	if err != nil {
		return plan.Ref{}, err
	}
	l, err := n.link(name)
	if err != nil {
		return plan.Ref{}, err
	}
	if l.peer == nil || m.nodes[l.peer.node.name] != l.peer.node {
		return plan.Ref{}, fmt.Errorf("other end of %s: %w", l.place(), plan.ErrNoLink)
	}
	return plan.Ref{Node: l.peer.node.name, Link: l.peer.name}, nil
}

// Ruleset is empty: the model has the lab's own table, which Nft is.
func (m *Model) Ruleset(node string) (plan.Ruleset, error) {
	_, err := m.node(node)
	return plan.Ruleset{}, err
}

// Tables are those that ops have set.
func (m *Model) Tables(node string) ([]plan.Item, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	return slices.Clone(n.filters), nil
}

// Connections is empty: no packet ever passed.
func (m *Model) Connections(node string) ([]plan.Connection, error) {
	_, err := m.node(node)
	return nil, err
}

// Qdiscs is empty: no op makes one.
func (m *Model) Qdiscs(node string) ([]plan.Qdisc, error) {
	_, err := m.node(node)
	return nil, err
}
