package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// start notes that a service runs. A program starts well, whatever it is.
func (n *node) start(o plan.Start) error {
	if i := n.serviceAt(o.ID); i >= 0 {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.EEXIST)
	}
	if o.Service == nil {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.EINVAL)
	}
	if clash := plan.Clash(n.services, o.Service); clash != nil {
		return fmt.Errorf("%s: %w", o.Effect().Object, clash)
	}
	n.services = append(n.services, plan.Running{Node: n.name, ID: o.ID, Service: o.Service})
	return nil
}

func (n *node) stop(o plan.Stop) error {
	i := n.serviceAt(o.ID)
	if i < 0 {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.ESRCH)
	}
	n.services = slices.Delete(n.services, i, i+1)
	return nil
}

// restart has nothing to open again.
func (n *node) restart(o plan.Restart) error {
	if n.serviceAt(o.ID) < 0 {
		return fmt.Errorf("%s: %w", o.Effect().Object, syscall.ESRCH)
	}
	return nil
}

func (n *node) serviceAt(id string) int {
	return slices.IndexFunc(n.services, func(r plan.Running) bool { return r.ID == id })
}

// Services are what runs in a node, in the order it was started.
func (m *Model) Services(node string) ([]plan.Running, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	return slices.Clone(n.services), nil
}

// Sockets are those of the services that run.
func (m *Model) Sockets(node string) ([]plan.Socket, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var list []plan.Socket
	for _, r := range n.services {
		for _, l := range r.Service.Listens() {
			addr := l.Addr
			if !addr.IsValid() {
				addr = netip.IPv6Unspecified()
			}
			s := plan.Socket{Proto: l.Proto, Local: netip.AddrPortFrom(addr, uint16(l.Port)), Program: "nsl " + r.ID}
			if _, ok := r.Service.(plan.Program); ok {
				s.Program = r.Service.Kind()
			}
			list = append(list, s)
		}
	}
	for _, other := range m.nodes {
		for _, l := range other.byIndex {
			if l.udpPort() != 0 && l.up && l.home == n {
				p := l.tunnelPort()
				list = append(list, plan.Socket{Proto: p.Proto, Local: netip.AddrPortFrom(p.Addr, uint16(p.Port)), Program: l.kind + " " + l.name})
			}
		}
	}
	return list, nil
}

// Processes are the programs that were started and not stopped. Their numbers
// are those of a machine that has nothing else to do.
func (m *Model) Processes(node string) ([]plan.Process, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var list []plan.Process
	for i, r := range n.services {
		p, ok := r.Service.(plan.Program)
		if !ok {
			continue
		}
		proc := plan.Process{Node: node, PID: 2 + i, Inner: 2 + i, Name: p.Kind(), Argv: p.Argv}
		if p.PIDNamespace {
			proc.Inner = 1
		}
		list = append(list, proc)
	}
	return list, nil
}
