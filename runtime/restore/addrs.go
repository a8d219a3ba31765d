package restore

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// restoreAddrs gives the interfaces their addresses in their order: the kernel sends
// from the first of a subnet.
func (n node) restoreAddrs(v plan.View, apply func(plan.Op) error) error {
	now, err := v.Links(n.name)
	errs := []error{err}
	for _, was := range n.links {
		i := slices.IndexFunc(now, func(l plan.Link) bool { return l.Name == was.Name })
		if i < 0 {
			continue
		}
		errs = append(errs, n.dropLinkLocals(was, now[i], apply))
		for _, of := range groups() {
			errs = append(errs, n.inOrder(was, oldestFirst(was.Addrs, of), oldestFirst(now[i].Addrs, of), apply))
		}
	}
	return errors.Join(errs...)
}

// dropLinkLocals deletes the link-local addresses that the kernel has made while the
// interface had another hardware address.
func (n node) dropLinkLocals(was, now plan.Link, apply func(plan.Op) error) error {
	made := func(a netip.Prefix) bool { return plan.MadeLinkLocal(now.Kind, a.Addr()) }
	if !slices.ContainsFunc(was.Addrs, made) {
		return nil // it may be that its first had not come yet
	}
	var errs []error
	for _, a := range now.Addrs {
		if made(a) && !slices.Contains(was.Addrs, a) {
			errs = append(errs, apply(plan.DelAddr{Node: n.name, Link: now.Name, Addr: a}))
		}
	}
	return errors.Join(errs...)
}

// groups are the kinds of addresses that have an order of their own.
func groups() []func(netip.Addr) bool {
	return []func(netip.Addr) bool{
		netip.Addr.Is4,
		func(a netip.Addr) bool { return a.Is6() && a.IsLinkLocalUnicast() },
		func(a netip.Addr) bool { return a.Is6() && !a.IsLinkLocalUnicast() },
	}
}

// oldestFirst are the addresses of a group in the order in which adding them makes that
// list: the kernel lists IPv6 addresses newest first (ipv6_link_dev_addr,
// net/ipv6/addrconf.c).
func oldestFirst(addrs []netip.Prefix, of func(netip.Addr) bool) []netip.Prefix {
	var list []netip.Prefix
	for _, a := range addrs {
		if of(a.Addr()) {
			list = append(list, a)
		}
	}
	if len(list) > 0 && list[0].Addr().Is6() {
		slices.Reverse(list)
	}
	return list
}

// inOrder adds the addresses from the first on that is missing or at another place.
func (n node) inOrder(l plan.Link, was, now []netip.Prefix, apply func(plan.Op) error) error {
	now = slices.DeleteFunc(now, func(a netip.Prefix) bool { return !slices.Contains(was, a) })
	same := common(was, now, func(a, b netip.Prefix) bool { return a == b })
	var errs []error
	for _, a := range slices.Backward(now[same:]) {
		op := n.addAddr(l, a)
		errs = append(errs, apply(plan.DelAddr{Node: op.Node, Link: op.Link, Addr: a, Auto: op.Auto, AddrOptions: op.AddrOptions}))
	}
	for _, a := range was[same:] {
		err := apply(n.addAddr(l, a))
		if !errors.Is(err, syscall.EEXIST) { // the kernel makes link-local addresses itself
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (n node) addAddr(l plan.Link, a netip.Prefix) plan.AddAddr {
	auto := n.auto[plan.AddrUse{Ref: l.Ref(), Addr: a, Auto: true}]
	return plan.AddAddr{Node: n.name, Link: l.Name, Addr: a, Auto: auto, AddrOptions: l.AddrOptions(a)}
}

// common is the number of items that two lists have in common at their beginning.
func common[T any](a, b []T, equal func(a, b T) bool) int {
	i := 0
	for i < len(a) && i < len(b) && equal(a[i], b[i]) {
		i++
	}
	return i
}

// restoreNeighbours enters those again that were entered by hand, where their interface
// is there: the kernel forgets them when it is set down, or has another hardware address.
func (n node) restoreNeighbours(v plan.View, apply func(plan.Op) error) error {
	now, err := plan.ByHand(v, n.name)
	errs := []error{err}
	for _, e := range n.neighbours {
		if _, gone := v.Link(n.name, e.Dev); gone != nil || slices.Contains(now, e) {
			continue
		}
		var op plan.Op = plan.SetNeighbour{Node: n.name, Dev: e.Dev, IP: e.IP, MAC: e.MAC}
		if e.State == plan.Proxy {
			op = plan.AddProxy{Node: n.name, Dev: e.Dev, IP: e.IP}
		}
		errs = append(errs, apply(op))
	}
	return errors.Join(errs...)
}
