package model

import (
	"fmt"
	"syscall"

	"nsl/runtime/plan"
)

// addVeth registers B first, as the kernel does: it gets the lower index.
func (m *Model) addVeth(o plan.AddVeth) error {
	a, err := m.node(o.A.Node)
	if err != nil {
		return err
	}
	b, err := m.node(o.B.Node)
	if err != nil {
		return err
	}
	master, err := a.checkVeth(o, b)
	if err != nil {
		return err
	}
	la, lb := m.newEnd(o.A), m.newEnd(o.B)
	la.peer, lb.peer = lb, la
	b.register(lb)
	a.register(la)
	if o.A.Up {
		la.setUp()
	}
	if master != nil {
		la.setMasterLink(master)
	}
	return nil
}

// checkVeth finds A's master, or what is wrong.
func (n *node) checkVeth(o plan.AddVeth, b *node) (master *link, err error) {
	if o.A.Master != "" {
		if master, err = n.link(o.A.Master); err != nil {
			return nil, err
		}
	}
	if o.B.Master != "" || o.B.Up {
		return nil, fmt.Errorf("the second end has a master or is up: %w", syscall.EINVAL)
	}
	for _, e := range []plan.LinkEnd{o.A, o.B} {
		if err := checkForm(e); err != nil {
			return nil, err
		}
	}
	// The kernel looks whether A is there, and then makes B before A.
	if n.links[o.A.Name] == nil {
		if err := b.checkName(o.B.Name); err != nil {
			return nil, err
		}
	}
	if err := n.checkName(o.A.Name); err != nil {
		return nil, err
	}
	if n == b && o.A.Name == o.B.Name {
		return nil, fmt.Errorf("%s: %w", plan.Place(b.name, o.B.Name), syscall.EEXIST)
	}
	if master == nil {
		return nil, nil
	}
	err = master.takesPort(o.A.Name)
	return master, err
}

func (m *Model) newEnd(e plan.LinkEnd) *link {
	l := &link{name: e.Name, kind: veth, mtu: e.MTU, mac: e.MAC}
	m.fill(l)
	return l
}

// carrier reports whether frames can pass: a veth needs both ends up (veth(4)), a
// bridge a port with carrier.
func (l *link) carrier() bool {
	switch {
	case l.peer != nil:
		return l.up && l.peer.up
	case l.br != nil:
		return l.up && l.br.live()
	case l.kind == plan.Bond:
		return l.up && len(l.active()) > 0
	case l.lower != nil && l.kind != plan.VXLAN:
		return l.up && l.lower.carrier()
	case l.kind == plan.Tap, l.kind == plan.Tun:
		return false // no program has it open
	}
	return l.up
}
