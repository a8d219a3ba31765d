package kernel

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

func family(a netip.Addr) int {
	if a.Is6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// addAddr sends what ip addr add sends: no broadcast address unless there is to be one,
// scope host for 127.0.0.0/8 only. IPv6 addresses skip duplicate address detection.
func (h *handle) addAddr(link string, p netip.Prefix, broadcast bool) error {
	parts, err := h.addrParts(link, p)
	if err != nil {
		return err
	}
	m := parts[0].(*nl.IfAddrmsg)
	if p.Addr().Is6() {
		m.Flags = unix.IFA_F_NODAD
	} else if p.Addr().IsLoopback() {
		m.Scope = unix.RT_SCOPE_HOST
	}
	if b, ok := plan.BroadcastOf(p); ok && broadcast {
		parts = append(parts, attr(unix.IFA_BROADCAST, b.AsSlice()))
	}
	return h.route.create(unix.RTM_NEWADDR, parts...)
}

func (h *handle) delAddr(link string, p netip.Prefix) error {
	parts, err := h.addrParts(link, p)
	if err != nil {
		return err
	}
	return h.route.change(unix.RTM_DELADDR, 0, parts...)
}

func (h *handle) addrParts(link string, p netip.Prefix) ([]data, error) {
	index, err := h.index(link)
	if err != nil {
		return nil, err
	}
	m := nl.NewIfAddrmsg(family(p.Addr()))
	m.Index = uint32(index)
	m.Prefixlen = uint8(p.Bits())
	ip := p.Addr().AsSlice()
	return []data{m, attr(unix.IFA_LOCAL, ip), attr(unix.IFA_ADDRESS, ip)}, nil
}

// addrs are addresses by the index of their interface. Index 0 asks for all.
func (h *handle) addrs(index int) (map[int][]ifAddr, error) {
	m := nl.NewIfAddrmsg(unix.AF_UNSPEC)
	m.Index = uint32(index)
	msgs, err := h.route.dump(unix.RTM_GETADDR, unix.RTM_NEWADDR, m)
	if err != nil {
		return nil, err
	}
	all := map[int][]ifAddr{}
	for _, msg := range msgs {
		as, err := attrs(msg, unix.SizeofIfAddrmsg)
		if err != nil {
			return nil, err
		}
		// IFA_LOCAL is the address itself; IPv6 gives it only with a peer.
		local := as[unix.IFA_LOCAL]
		if local == nil {
			local = as[unix.IFA_ADDRESS]
		}
		if ip, ok := netip.AddrFromSlice(local); ok {
			m := nl.DeserializeIfAddrmsg(msg)
			p := netip.PrefixFrom(ip, int(m.Prefixlen))
			to, has := plan.BroadcastOf(p)
			all[int(m.Index)] = append(all[int(m.Index)], ifAddr{p, m.Flags&unix.IFA_F_DADFAILED != 0,
				has && bytes.Equal(as[unix.IFA_BROADCAST], to.AsSlice())})
		}
	}
	return all, nil
}

// ifAddr is an address of an interface; duplicate: another node has it, too (dadfailed);
// broadcast: it has the broadcast address of its subnet.
type ifAddr struct {
	netip.Prefix
	duplicate, broadcast bool
}

// giveAddrs gives an interface its addresses.
func giveAddrs(l *plan.Link, addrs []ifAddr) {
	for _, a := range addrs {
		l.Addrs = append(l.Addrs, a.Prefix)
		if a.duplicate {
			l.Duplicate = append(l.Duplicate, a.Addr())
		}
		if a.broadcast {
			l.Broadcast = append(l.Broadcast, a.Prefix)
		}
	}
}

// Addrs are the addresses of a node, in the order of its interfaces.
func (w *World) Addrs(node string) (list []netip.Prefix, err error) {
	byLink, err := look(w, node, func(h *handle) (map[int][]ifAddr, error) { return h.addrs(0) })
	for _, index := range slices.Sorted(maps.Keys(byLink)) {
		for _, a := range byLink[index] {
			list = append(list, a.Prefix)
		}
	}
	return list, err
}
