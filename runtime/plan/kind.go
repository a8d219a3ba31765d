package plan

import (
	"net/netip"
	"slices"
)

// Kind is what all interfaces of a kind have in common.
type Kind struct {
	// Name is that in ip-link(8).
	Name string
	// Module is the kernel's module for it (modprobe(8)), and Config the option that the
	// module is built with, without CONFIG_.
	Module, Config string
	// Bare: it carries IP packets without Ethernet headers, and has no hardware address.
	Bare bool
	// Tunnel: what is sent over it travels to another node in packets of the node that it
	// was made in.
	Tunnel bool
	// Header is what it puts before an IPv4 or IPv6 packet, in bytes, where the packets
	// that carry it are IPv4.
	Header int
	// Proto is the protocol of those packets (protocols(5)), Number its number, and Port
	// their usual UDP port.
	Proto  string
	Number uint8
	Port   int
	// Inner are the families that a tunnel carries.
	Inner Families
}

// Families are IPv4, IPv6 or both.
type Families struct{ V4, V6 bool }

// Has reports whether an address is of one of them.
func (f Families) Has(a netip.Addr) bool { return a.Is4() && f.V4 || a.Is6() && f.V6 }

// Kinds are those that [AddLink] makes.
func Kinds() []Kind { return slices.Clone(kinds) }

var (
	both  = Families{true, true}
	kinds = []Kind{
		{Name: Dummy, Module: "dummy", Config: "DUMMY"},
		{Name: MACVLAN, Module: "macvlan", Config: "MACVLAN"},
		{Name: IPVLAN, Module: "ipvlan", Config: "IPVLAN"},
		{Name: VLAN, Module: "8021q", Config: "VLAN_8021Q"},
		{Name: VRF, Module: "vrf", Config: "NET_VRF"},
		{Name: Bond, Module: "bonding", Config: "BONDING"},
		{Name: Tap, Module: "tun", Config: "TUN"},
		{Name: Tun, Module: "tun", Config: "TUN", Bare: true},
		// Ethernet, IP, UDP and 8 bytes of its own (RFC 7348, RFC 8926).
		{Name: VXLAN, Module: "vxlan", Config: "VXLAN", Tunnel: true, Header: 50, Proto: "udp", Number: 17, Port: 4789, Inner: both},
		{Name: GENEVE, Module: "geneve", Config: "GENEVE", Tunnel: true, Header: 50, Proto: "udp", Number: 17, Port: 6081, Inner: both},
		// IP and 4 bytes (RFC 2784), or IP alone (RFC 2003, RFC 4213).
		{Name: GRE, Module: "ip_gre", Config: "NET_IPGRE", Tunnel: true, Bare: true, Header: 24, Proto: "gre", Number: 47, Inner: both},
		{Name: IPIP, Module: "ipip", Config: "NET_IPIP", Tunnel: true, Bare: true, Header: 20, Proto: "ipencap", Number: 4, Inner: Families{V4: true}},
		{Name: SIT, Module: "sit", Config: "IPV6_SIT", Tunnel: true, Bare: true, Header: 20, Proto: "ipv6", Number: 41, Inner: Families{V6: true}},
		// IP, UDP, and 32 bytes (wireguard.com/papers/wireguard.pdf, section 5.4.6).
		{Name: WireGuard, Module: "wireguard", Config: "WIREGUARD", Tunnel: true, Bare: true, Header: 60, Proto: "udp", Number: 17, Port: 51820, Inner: both},
	}
)

// KindOf is the kind of that name, or the zero Kind for one that [AddLink] does not make.
func KindOf(name string) Kind {
	if i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return kinds[i]
	}
	return Kind{}
}

// ProtocolNumber is the number of the protocol of a kind of tunnel by its name, 0 for
// another.
func ProtocolNumber(proto string) uint8 {
	for _, k := range kinds {
		if k.Tunnel && k.Proto == proto {
			return k.Number
		}
	}
	return 0
}

// ByRoute reports whether a tunnel of the kind takes its MTU from the interface by which
// the other end is reached when it is made, and not from one that is named.
func (k Kind) ByRoute() bool { return k.Tunnel && k.Name != VXLAN && k.Name != WireGuard }

const (
	// ipv6More is how many bytes an IPv6 header has more than an IPv4 header.
	ipv6More = 20
	// greKey is the size of a key in a GRE header (RFC 2890).
	greKey = 4
)

// Header is what an interface of a kind with these options puts before a packet, in bytes.
func (o LinkOptions) Header(kind string) int {
	n := KindOf(kind).Header
	switch {
	case n == 0:
		return 0
	case o.Key != 0:
		return n + greKey
	case o.Six():
		return n + ipv6More
	}
	return n
}

// Fallback reports an interface that a module makes by itself in each namespace, as gre0
// (Documentation/admin-guide/sysctl/net.rst, fb_tunnels_only_for_init_net).
func Fallback(kind, name string) bool { return kind != "" && fallbacks[name] == kind }

// FallbackName reports whether such an interface has that name.
func FallbackName(name string) bool { return fallbacks[name] != "" }

// fallbacks are their kinds by their names.
var fallbacks = map[string]string{
	"gre0": "gre", "gretap0": "gretap", "erspan0": "erspan", "tunl0": "ipip", "sit0": "sit",
	"ip6tnl0": "ip6tnl", "ip6gre0": "ip6gre", "ip_vti0": "vti", "ip6_vti0": "vti6",
}

// MadeLinkLocal reports a link-local address that the kernel makes by itself: with ff:fe
// in its middle from a hardware address (RFC 4291, appendix A), or on an interface without
// one from an IPv4 address of the node (RFC 4213, section 3.7; RFC 5214, section 6.1).
func MadeLinkLocal(kind string, a netip.Addr) bool {
	if !a.Is6() || !a.IsLinkLocalUnicast() {
		return false
	}
	b := a.As16()
	if !KindOf(kind).Bare {
		return b[11] == 0xff && b[12] == 0xfe
	}
	middle := [4]byte(b[8:12])
	return b[12] != 0 && (middle == [4]byte{} || middle == [4]byte{0, 0, 0x5e, 0xfe} || middle == [4]byte{2, 0, 0x5e, 0xfe})
}

// SameTunnel reports whether the kernel cannot tell packets for one tunnel of a kind from
// those for another one of its node: of a vxlan by identifier, port and family, of a geneve by
// the other end as well, of others by their ends and the key (vxlan_vni_in_use,
// geneve_find_dev, ip_tunnel_find).
func (o LinkOptions) SameTunnel(kind string, other LinkOptions) bool {
	switch kind {
	case VXLAN:
		return o.ID == other.ID && o.Port == other.Port && o.Six() == other.Six()
	case GENEVE:
		return o.ID == other.ID && o.Port == other.Port && o.Remote == other.Remote
	case WireGuard:
		return false // by its key
	}
	return o.Local == other.Local && o.Remote == other.Remote && o.Key == other.Key
}
