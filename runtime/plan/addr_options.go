package plan

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// AddrOptions are what an address has besides its prefix length (ip-address(8)); most have
// none of them.
type AddrOptions struct {
	// Broadcast: the IPv4 address comes with the broadcast address of its subnet, which
	// ifconfig(8) and brd + of ip-address(8) set, and which only they show.
	Broadcast bool
	// Peer is the address of the other end of a point-to-point link: the prefix length is
	// that of its subnet then, to which the kernel makes the route.
	Peer netip.Addr
	// Label is the name by which ifconfig(8) lists an IPv4 address; "" is the interface's.
	Label string
	// Scope of an IPv4 address: "host", "link", "site" or "global"; "" is "host" for those of
	// 127.0.0.0/8 and "global" for others.
	Scope string
	// NoPrefixRoute: the kernel makes no route to the subnet.
	NoPrefixRoute bool
	// Valid and Preferred are the seconds that are left until the kernel deletes the
	// address, and until it is deprecated; 0 for ever.
	Valid, Preferred uint32
	// Deprecated: packets of the node's own have another IPv6 source where there is one
	// (RFC 6724, section 5, rule 3).
	Deprecated bool
	// SLAAC: the kernel made it of a router advertisement (RFC 4862, RFC 8981).
	SLAAC bool
}

// AddrWith is an address that has options.
type AddrWith struct {
	Addr netip.Prefix
	AddrOptions
}

// AddrOptions are those of one of its addresses.
func (l Link) AddrOptions(a netip.Prefix) AddrOptions {
	for _, w := range l.Special {
		if w.Addr == a {
			return w.AddrOptions
		}
	}
	return AddrOptions{}
}

// Like reports whether two addresses have the same options, however much time is left.
func (o AddrOptions) Like(other AddrOptions) bool { return o.timeless() == other.timeless() }

func (o AddrOptions) timeless() AddrOptions {
	if o.Valid != 0 || o.Preferred != 0 {
		o.Valid, o.Deprecated = min(o.Valid, 1), false
	}
	o.Preferred = 0
	return o
}

// Subnet is the one to which the kernel makes a route: the peer's where there is one.
func (o AddrOptions) Subnet(a netip.Prefix) netip.Prefix {
	if o.Peer.IsValid() {
		a = netip.PrefixFrom(o.Peer, a.Bits())
	}
	return a.Masked()
}

// ScopeOf is the scope of an address with these options, in the words of ip-address(8).
func (o AddrOptions) ScopeOf(a netip.Addr) string {
	switch {
	case o.Scope != "":
		return o.Scope
	case a.IsLoopback():
		return "host"
	case a.Is6() && a.IsLinkLocalUnicast():
		return "link"
	}
	return "global"
}

// Describe is the options as a script writes them after the address.
func (o AddrOptions) Describe() string {
	var w []string
	add := func(has bool, words ...string) {
		if has {
			w = append(w, words...)
		}
	}
	add(o.Peer.IsValid(), "peer", o.Peer.String())
	add(o.Broadcast, "brd")
	add(o.Label != "", "label", o.Label)
	add(o.Scope != "", "scope", o.Scope)
	add(o.NoPrefixRoute, "noprefixroute")
	add(o.Valid != 0, "valid_lft", seconds(o.Valid))
	add(o.Preferred != 0 && o.Preferred != o.Valid, "preferred_lft", seconds(o.Preferred))
	add(o.Deprecated && o.Preferred == 0, "preferred_lft", "0")
	return strings.Join(w, " ")
}

func seconds(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// command is the options as ip addr add takes them.
func (o AddrOptions) command() []string {
	var w []string
	for _, word := range strings.Fields(o.Describe()) {
		w = append(w, word)
		if word == "brd" {
			w = append(w, "+")
		}
	}
	if o.Peer.IsValid() {
		w = w[2:] // a part of the address
	}
	if o.Valid != 0 && !slices.Contains(w, "preferred_lft") {
		w = append(w, "preferred_lft", seconds(o.Valid)) // ip takes forever for it, and refuses that
	}
	return w
}

// address is an address as ip addr takes it, with the peer that has its prefix length.
func (o AddrOptions) address(a netip.Prefix) []string {
	if !o.Peer.IsValid() {
		return []string{a.String()}
	}
	return []string{a.Addr().String(), "peer", netip.PrefixFrom(o.Peer, a.Bits()).String()}
}
