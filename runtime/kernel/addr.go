package kernel

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
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
// scope host for 127.0.0.0/8 only. IPv6 addresses skip duplicate address detection unless
// it is asked for.
func (h *handle) addAddr(o plan.AddAddr, index int) error {
	parts := addrParts(index, o.Addr, o.Peer)
	m := parts[0].(*nl.IfAddrmsg)
	if o.Addr.Addr().Is4() {
		m.Scope = scopeNumber(o.Scope, o.Addr.Addr())
	} else if !o.DAD {
		m.Flags = unix.IFA_F_NODAD
	}
	if b, ok := plan.BroadcastOf(o.Addr); ok && o.Broadcast {
		parts = append(parts, attr(unix.IFA_BROADCAST, b.AsSlice()))
	}
	return noLink(h, o.Link, h.route.create(unix.RTM_NEWADDR, append(parts, optionParts(o.AddrOptions, uint32(m.Flags))...)...))
}

func (w *World) addAddr(h *handle, o plan.AddAddr) error {
	index, err := w.indexOf(h, o.Link)
	if err != nil {
		return err
	}
	return h.addAddr(o, index)
}

// optionParts are the attributes of options that most addresses do not have.
func optionParts(o plan.AddrOptions, flags uint32) (parts []data) {
	if o.Label != "" {
		parts = append(parts, attr(unix.IFA_LABEL, nl.ZeroTerminated(o.Label)))
	}
	if o.NoPrefixRoute {
		parts = append(parts, attr32(unix.IFA_FLAGS, flags|unix.IFA_F_NOPREFIXROUTE))
	}
	if o.Valid != 0 || o.Preferred != 0 || o.Deprecated {
		valid, preferred := cmp.Or(o.Valid, forever), cmp.Or(o.Preferred, forever)
		if o.Deprecated && o.Preferred == 0 {
			preferred = 0
		}
		info := make([]byte, 16) // struct ifa_cacheinfo (<linux/if_addr.h>)
		binary.NativeEndian.PutUint32(info, min(preferred, valid))
		binary.NativeEndian.PutUint32(info[4:], valid)
		parts = append(parts, attr(unix.IFA_CACHEINFO, info))
	}
	return parts
}

// forever is the time of what does not end (INFINITY_LIFE_TIME).
const forever uint32 = 0xffffffff

// scopes are those of IPv4 addresses (rt_scope_t, <linux/rtnetlink.h>).
func scopes() map[string]uint8 {
	return map[string]uint8{"global": unix.RT_SCOPE_UNIVERSE, "site": unix.RT_SCOPE_SITE, "link": unix.RT_SCOPE_LINK, "host": unix.RT_SCOPE_HOST}
}

// scopeNumber is a scope, or the usual one of an address.
func scopeNumber(name string, a netip.Addr) uint8 {
	if name == "" && a.IsLoopback() {
		name = "host"
	}
	return scopes()[name]
}

// scopeName is the reverse: "" for the usual one.
func scopeName(n uint8, a netip.Addr) string {
	if a.Is4() && n != scopeNumber("", a) {
		for name, number := range scopes() {
			if number == n {
				return name
			}
		}
	}
	return ""
}

// delAddr deletes an address; one that was for a time may be gone already.
func (h *handle) delAddr(o plan.DelAddr) error {
	index, err := h.index(o.Link)
	if err != nil {
		return err
	}
	parts := addrParts(index, o.Addr, o.Peer)
	if o.RouteStays() {
		always := optionParts(plan.AddrOptions{Valid: forever, Preferred: forever}, 0)
		if err := h.route.change(unix.RTM_NEWADDR, unix.NLM_F_REPLACE, append(slices.Clone(parts), always...)...); err != nil {
			return err
		}
	}
	err = h.route.change(unix.RTM_DELADDR, 0, parts...)
	if o.Valid != 0 && errors.Is(err, unix.EADDRNOTAVAIL) {
		return nil
	}
	return err
}

func addrParts(index int, p netip.Prefix, peer netip.Addr) []data {
	m := nl.NewIfAddrmsg(family(p.Addr()))
	m.Index = uint32(index)
	m.Prefixlen = uint8(p.Bits())
	ip := p.Addr().AsSlice()
	other := ip
	if peer.IsValid() {
		other = peer.AsSlice()
	}
	return []data{m, attr(unix.IFA_LOCAL, ip), attr(unix.IFA_ADDRESS, other)}
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
			all[int(m.Index)] = append(all[int(m.Index)], ifAddr{p, m.Flags&unix.IFA_F_DADFAILED != 0, optionsOf(p, m, as)})
		}
	}
	return all, nil
}

// optionsOf are the options of an address. The kernel says of the label of each IPv4
// address; [giveAddrs] leaves out that of the interface itself.
func optionsOf(p netip.Prefix, m *nl.IfAddrmsg, as map[uint16][]byte) plan.AddrOptions {
	a := p.Addr()
	to, has := plan.BroadcastOf(p)
	o := plan.AddrOptions{
		Broadcast: has && bytes.Equal(as[unix.IFA_BROADCAST], to.AsSlice()),
		Label:     unix.ByteSliceToString(as[unix.IFA_LABEL]), Scope: scopeName(m.Scope, a),
		Deprecated: m.Flags&unix.IFA_F_DEPRECATED != 0,
	}
	if peer, ok := netip.AddrFromSlice(as[unix.IFA_ADDRESS]); ok && peer != a {
		o.Peer = peer
	}
	if flags := as[unix.IFA_FLAGS]; len(flags) == 4 && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
		f := binary.NativeEndian.Uint32(flags)
		o.NoPrefixRoute = f&unix.IFA_F_NOPREFIXROUTE != 0
		o.SLAAC = a.Is6() && f&(unix.IFA_F_MANAGETEMPADDR|unix.IFA_F_TEMPORARY) != 0
	}
	if info := as[unix.IFA_CACHEINFO]; len(info) >= 8 {
		limit := func(n uint32) uint32 {
			if n == forever {
				return 0
			}
			return n
		}
		o.Preferred, o.Valid = limit(binary.NativeEndian.Uint32(info)), limit(binary.NativeEndian.Uint32(info[4:]))
	}
	return o
}

// ifAddr is an address of an interface; duplicate: another node has it, too (dadfailed).
type ifAddr struct {
	netip.Prefix
	duplicate bool
	options   plan.AddrOptions
}

// giveAddrs gives an interface its addresses.
func giveAddrs(l *plan.Link, addrs []ifAddr) {
	for _, a := range addrs {
		l.Addrs = append(l.Addrs, a.Prefix)
		if a.duplicate {
			l.Duplicate = append(l.Duplicate, a.Addr())
		}
		if a.options.Label == l.Name {
			a.options.Label = ""
		}
		if a.options != (plan.AddrOptions{}) {
			l.Special = append(l.Special, plan.AddrWith{Addr: a.Prefix, AddrOptions: a.options})
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
