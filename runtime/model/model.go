package model

import (
	"errors"
	"fmt"

	"nsl/runtime/plan"
)

var _ plan.View = (*Model)(nil)

// Model is a lab in memory. It is for one goroutine at a time.
type Model struct {
	nodes map[string]*node
	// sorted are the names of the nodes without the host; nil is not known.
	sorted []string
	// trash are the namespaces deleted since the last Commit, oldest first.
	trash []*node
	known *catalogue
	// baseline is what the Baseline op makes of a new namespace's settings.
	baseline  *settings
	macs      uint64
	uncertain bool
}

// New makes a lab as a sandbox starts: the host with its loopback up, and
// nothing else. Settings are the kernel's defaults.
func New() *Model {
	m := &Model{nodes: map[string]*node{}, known: newCatalogue()}
	m.nodes[plan.Host] = newNode(plan.Host)
	m.nodes[plan.Host].links[plan.Loopback].setUp()
	return m
}

// Uncertain reports that a program was run, which may have changed anything: names
// may exist that the model does not know.
func (m *Model) Uncertain() bool { return m.uncertain }

// Apply does one op. The error is the one that the kernel would give, or one
// of plan's; compare with errors.Is.
func (m *Model) Apply(op plan.Op) error { //nolint:funlen // one case for each op
	switch o := op.(type) {
	case plan.AddNS:
		return m.addNS(o.Name)
	case plan.DelNS:
		return m.delNS(o.Name, o.Undone)
	case plan.RestoreNS:
		return m.restoreNS(o.Name)
	case plan.AddVeth:
		return m.addVeth(o)
	case plan.AddBridge:
		return m.addBridge(o)
	case plan.AddLink:
		return m.addLink(o)
	case plan.MoveLink:
		return m.moveLink(o)
	case plan.Exec:
		return m.exec(o)
	case plan.SetSysctl:
		return m.setSysctl(o)
	case plan.Baseline:
		return m.setBaseline(o.Node)
	case plan.DelLink:
		return m.at(o.Node, o.Name, (*link).del)
	case plan.SetUp:
		return m.at(o.Node, o.Name, (*link).tryUp)
	case plan.SetDown:
		return m.at(o.Node, o.Name, func(l *link) error { l.setDown(); return nil })
	case plan.SetMaster:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setMaster(o.Master) })
	case plan.SetMTU:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setMTU(o.MTU) })
	case plan.RenameLink:
		return m.at(o.Node, o.Name, func(l *link) error { return l.rename(o.To) })
	case plan.SetMAC:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setMAC(o.MAC) })
	case plan.SetOption:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setOption(o) })
	case plan.SetWG:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setWG(o.WG) })
	case plan.SetVLANs:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setVLANs(o.VLANs) })
	case plan.SetShape:
		return m.at(o.Node, o.Name, func(l *link) error { return l.setShape(o.Shape) })
	case plan.AddAddr:
		return m.at(o.Node, o.Link, func(l *link) error { return l.addAddr(o.Addr, o.AddrOptions) })
	case plan.DelAddr:
		return m.at(o.Node, o.Link, func(l *link) error { return l.delAddr(o.Addr, o.AddrOptions) })
	case plan.SetItem:
		return m.in(o.Node, func(n *node) error { n.setItem(o); return nil })
	case plan.SetNeighbour:
		return m.at(o.Node, o.Dev, func(l *link) error { return l.setNeighbour(o) })
	case plan.DelNeighbour:
		return m.at(o.Node, o.Dev, func(l *link) error { l.delNeighbour(o.IP, plan.Permanent); return nil })
	case plan.AddProxy:
		return m.at(o.Node, o.Dev, func(l *link) error { return l.addProxy(o.IP) })
	case plan.DelProxy:
		return m.at(o.Node, o.Dev, func(l *link) error { return l.delProxy(o.IP) })
	case plan.AddForward:
		return m.at(o.Node, o.Dev, func(l *link) error { return l.addForward(o) })
	case plan.DelForward:
		return m.at(o.Node, o.Dev, func(l *link) error { return l.delForward(o) })
	case plan.AddRoute:
		return m.in(o.Node, func(n *node) error { return n.addRoute(o) })
	case plan.DelRoute:
		return m.in(o.Node, func(n *node) error { return n.delRoute(o.Route) })
	case plan.AddRule:
		return m.in(o.Node, func(n *node) error { return n.addRule(o.Rule) })
	case plan.DelRule:
		return m.in(o.Node, func(n *node) error { return n.delRule(o.Rule) })
	case plan.AddNftTable:
		return m.in(o.Node, (*node).addNftTable)
	case plan.DelNftTable:
		return m.in(o.Node, (*node).delNftTable)
	case plan.AddNftChain:
		return m.in(o.Node, func(n *node) error { return n.addNftChain(o.Chain) })
	case plan.DelNftChain:
		return m.in(o.Node, func(n *node) error { return n.delNftChain(o.Chain.Name) })
	case plan.AddNftRule:
		return m.in(o.Node, func(n *node) error { return n.addNftRule(o) })
	case plan.DelNftRule:
		return m.in(o.Node, func(n *node) error { return n.delNftRule(o) })
	case plan.Start:
		return m.in(o.Node, func(n *node) error { return n.start(o) })
	case plan.Stop:
		return m.in(o.Node, func(n *node) error { return n.stop(o) })
	case plan.Restart:
		return m.in(o.Node, func(n *node) error { return n.restart(o) })
	case plan.AddName:
		return m.in(o.Node, func(n *node) error { return n.addName(o) })
	case plan.DelName:
		return m.in(o.Node, func(n *node) error { return n.delName(o) })
	case plan.SetResolver:
		return m.in(o.Node, func(n *node) error { return n.setResolver(o) })
	case plan.Lease:
		return m.lease(o)
	case plan.Release:
		return m.release(o)
	}
	return fmt.Errorf("%T: %w", op, errors.ErrUnsupported)
}

// exec notes that a program was run; what it did is not known.
func (m *Model) exec(o plan.Exec) error {
	return m.in(o.Node, func(*node) error {
		m.uncertain = true
		return nil
	})
}

// in runs f with a node.
func (m *Model) in(name string, f func(*node) error) error {
	n, err := m.node(name)
	if err != nil {
		return err
	}
	return f(n)
}

// at runs f with an interface of a node.
func (m *Model) at(where, name string, f func(*link) error) error {
	return m.in(where, func(n *node) error {
		l, err := n.link(name)
		if err != nil {
			return err
		}
		return f(l)
	})
}
