package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// addForward adds an entry to the forwarding database of a vxlan. One that is there already is
// no error where an address may have several nodes (vxlan_fdb_update_existing).
func (l *link) addForward(o plan.AddForward) error {
	e := plan.ForwardEntry{MAC: o.MAC, Dst: o.Dst, Static: true}
	err := error(nil)
	switch {
	case l.kind != plan.VXLAN:
		err = syscall.EOPNOTSUPP
	case l.opts.Six() != o.Dst.Is6() && (l.opts.Remote.IsValid() || l.opts.Local.IsValid()):
		err = syscall.EAFNOSUPPORT
	}
	if err != nil {
		return fmt.Errorf("%s in the forwarding database of %s: %w", o.MAC, l.place(), err)
	}
	if o.MAC != plan.NoMAC {
		l.forward = slices.DeleteFunc(slices.Clone(l.forward), func(f plan.ForwardEntry) bool { return f.MAC == e.MAC })
	}
	if !slices.Contains(l.forward, e) && !l.madeForward(e) {
		l.forward = append(l.forward, e)
	}
	return nil
}

// madeForward reports the entry that the kernel makes for the remote end.
func (l *link) madeForward(e plan.ForwardEntry) bool {
	return e.MAC == plan.NoMAC && e.Dst == l.opts.Remote
}

func (l *link) delForward(o plan.DelForward) error {
	before := len(l.forward)
	l.forward = slices.DeleteFunc(slices.Clone(l.forward), func(e plan.ForwardEntry) bool { return e.MAC == o.MAC && e.Dst == o.Dst })
	if len(l.forward) == before {
		return fmt.Errorf("%s in the forwarding database of %s: %w", o.MAC, l.place(), syscall.ENOENT)
	}
	return nil
}

// Forwarding has of each vxlan the entry that the kernel makes for its remote end, and those
// that were added.
func (m *Model) Forwarding(node string) ([]plan.ForwardEntry, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var list []plan.ForwardEntry
	for _, l := range n.byIndex {
		if l.kind == plan.VXLAN && l.opts.Remote.IsValid() {
			list = append(list, plan.ForwardEntry{Dev: l.name, MAC: plan.NoMAC, Dst: l.opts.Remote, Static: true})
		}
		for _, e := range l.forward {
			e.Dev = l.name
			list = append(list, e)
		}
	}
	return list, nil
}
