package lab

import (
	"net/netip"

	"nsl/runtime/plan"
)

// OfFamily are the addresses of one family.
func OfFamily(list []netip.Prefix, v6 bool) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		if p.Addr().Is6() == v6 {
			out = append(out, p)
		}
	}
	return out
}

// LastOf is the last usable address of a subnet, with its prefix length.
func LastOf(p netip.Prefix) netip.Prefix {
	a, ok := LastFree(p.Masked(), func(netip.Addr) bool { return true })
	if !ok {
		return p
	}
	return netip.PrefixFrom(a, p.Bits())
}

// HostsIn is the number of addresses that a subnet of that many host bits has
// for interfaces.
func HostsIn(p netip.Prefix) int {
	host := p.Addr().BitLen() - p.Bits()
	switch {
	case host >= 30:
		return 1 << 30
	case p.Addr().Is4() && host >= 2:
		return 1<<host - 2
	case p.Addr().Is6() && host >= 2:
		return 1<<host - 1
	}
	return 1 << host // RFC 3021: both of a /31 are usable
}

// FirstHost is the first address for an interface: the network's own address
// is one only in a /31, /32, /127 or /128.
func FirstHost(net netip.Prefix) netip.Addr {
	if net.Addr().BitLen()-net.Bits() < 2 {
		return net.Addr()
	}
	return net.Addr().Next()
}

// Inside reports whether an address of the subnet can be an interface's.
func Inside(net netip.Prefix, a netip.Addr) bool {
	if !net.Contains(a) {
		return false
	}
	return a.Is6() || net.Bits() >= 31 || net.Contains(a.Next()) // the last is the broadcast address
}

// LastFree is the last usable free address; of IPv6 the last of the lowest
// 65,535, so that it can be read.
func LastFree(net netip.Prefix, free func(netip.Addr) bool) (netip.Addr, bool) {
	b := net.Addr().AsSlice()
	for i := max(net.Bits(), len(b)*8-16*boolInt(net.Addr().Is6())); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	if net.Addr().Is4() {
		b = plan.LastAddr(net).AsSlice()
	}
	for a, _ := netip.AddrFromSlice(b); net.Contains(a) && a != net.Addr(); a = a.Prev() {
		if Inside(net, a) && free(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Family is the name of an address family.
func Family(v6 bool) string {
	if v6 {
		return "IPv6"
	}
	return "IPv4"
}
