package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// bonded is what a bond and its members have besides.
type bonded struct {
	// bond is the bond that it is a member of; ownMAC and ownMTU are what it gets back when
	// it leaves it.
	bond   *link
	ownMAC string
	ownMTU int
	// slaves are the members of a bond, in the order in which they entered it.
	slaves []*link
}

// checkBond refuses what cannot be a member (bond_enslave, drivers/net/bonding/bond_main.c).
func (l *link) checkBond(bond *link) error {
	var err error
	switch {
	case l == bond, l.kind == plan.VRF, l.up:
		err = syscall.EPERM
	case l.carriesOthers():
		err = syscall.EBUSY
	case l.loopback(), plan.KindOf(l.kind).Bare:
		err = syscall.EINVAL
	case bond.isOn(l):
		err = syscall.EBUSY
	default:
		return nil
	}
	return fmt.Errorf("%s as a member of %s: %w", l.place(), bond.name, err)
}

// enterBond makes the link a member of a bond, which sets it up. The first one gives the bond
// its hardware address, unless that was set.
func (l *link) enterBond(bond *link) {
	l.bond, l.ownMAC, l.ownMTU = bond, l.mac, l.mtu
	if len(bond.slaves) == 0 && Chosen(bond.mac) {
		bond.mac = l.mac
		bond.addressChanged()
	}
	bond.slaves = append(bond.slaves, l)
	if plan.OneMAC(bond.opts.Mode) {
		l.mac = bond.mac
		l.addressChanged()
	}
	l.changeMTU(bond.mtu)
	l.setUp()
}

// leaveBond makes it a member of none: it is down then, with its own hardware address and MTU
// (__bond_release_one).
func (l *link) leaveBond() {
	bond := l.bond
	if bond == nil {
		return
	}
	bond.slaves = slices.DeleteFunc(bond.slaves, func(o *link) bool { return o == l })
	l.setDown()
	l.bond, l.mac = nil, l.ownMAC
	l.addressChanged()
	l.changeMTU(l.ownMTU)
}

// active are the members that frames pass by, all that are usable but in mode active-backup,
// which uses one.
func (l *link) active() (list []*link) {
	for _, m := range l.slaves {
		if m.carrier() && (len(list) == 0 || l.opts.Mode != plan.ActiveBackup) {
			list = append(list, m)
		}
	}
	return list
}

// eachMember calls do with the members of a bond that follow it.
func (l *link) eachMember(do func(*link)) {
	for _, m := range l.slaves {
		do(m)
	}
}
