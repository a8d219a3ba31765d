package plan

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// The kinds of interface besides veth and bridge that nsl makes, in the words
// of ip-link(8). Tap and tun are one kind for the kernel, "tun" (ip-tuntap(8)).
const (
	Dummy   = "dummy"
	VXLAN   = "vxlan"
	MACVLAN = "macvlan"
	IPVLAN  = "ipvlan"
	VLAN    = "vlan"
	Tap     = "tap"
	Tun     = "tun"
	GENEVE  = "geneve"
	GRE     = "gre"
	IPIP    = "ipip"
	SIT     = "sit"
	// WireGuard is an encrypted tunnel with any number of other ends.
	WireGuard = "wireguard"
	VRF       = "vrf"
	// Bond is several interfaces as one (Documentation/networking/bonding.rst).
	Bond = "bond"
)

// LinkOptions are what an interface has by its kind; each kind uses some.
type LinkOptions struct {
	// Lower is the interface that frames leave by: what a macvlan, an ipvlan or a
	// vlan is a part of, and what a vxlan sends over, which may be left to its
	// routes (Link ""). It may be in another node.
	Lower Ref
	// Mode is how the macvlans or ipvlans of one interface meet each other, or how a bond
	// uses its members.
	Mode string
	// ID is the network identifier of a vxlan or geneve, 24 bits (RFC 7348, RFC 8926), or
	// a vlan's, 12 bits (IEEE 802.1Q).
	ID int
	// Service: the tags of a vlan are those of a provider (IEEE 802.1ad), as the outer ones
	// of two are.
	Service bool
	// Local and Remote are the ends of a tunnel; Remote may be a multicast
	// group, and both the zero Addr.
	Local, Remote netip.Addr
	// Port is the UDP port of a vxlan or geneve.
	Port int
	// Key tells tunnels of the kind gre between the same ends apart (RFC 2890); 0 is none.
	Key int
	// TTL is that of the packets of a tunnel, 0 for that of the packet in them or the
	// node's usual one.
	TTL int
	// Table is the routing table of a VRF.
	Table int
	BondOptions
}

// Six reports whether a tunnel sends IPv6 packets.
func (o LinkOptions) Six() bool { return o.Remote.Is6() || o.Local.Is6() }

// AddLink creates an interface of a kind, down.
type AddLink struct {
	Node, Name, Kind string
	// MAC is "" for an address of the kernel's choice.
	MAC string
	// MTU is in bytes; 0 is the kernel's default.
	MTU int
	// Later is the name that it is to get by a RenameLink, "" if it keeps Name.
	Later string
	LinkOptions
}

func (AddLink) op() {}

// Effect is the interface.
func (o AddLink) Effect() Effect {
	return Effect{Object: o.Kind + " " + Place(o.Node, cmp.Or(o.Later, o.Name)), // the name that the user knows
		Links: []Link{{Node: o.Node, Name: o.Name, Kind: o.Kind, LinkOptions: o.LinkOptions}}}
}

// Inverse deletes it.
func (o AddLink) Inverse() []Op { return []Op{DelLink{Node: o.Node, Name: o.Name}} }

// Home is the node in which it is made: the kernel looks for what is under it
// there, and puts it into its own node at once.
func (o AddLink) Home() string {
	if o.Lower.Node != "" {
		return o.Lower.Node
	}
	return o.Node
}

// Commands is ip link add, or ip tuntap add.
func (o AddLink) Commands() []Command {
	if o.Kind == Tap || o.Kind == Tun {
		return o.tunCommands()
	}
	c := ip(o.Home(), "link", "add", "name", o.Name)
	if o.Lower.Link != "" && o.Kind != VXLAN {
		c = append(c, "link", o.Lower.Link)
	}
	c = append(c, LinkEnd{Node: Host, MTU: o.MTU, MAC: o.MAC}.words()...)
	if o.Home() != o.Node {
		c = append(c, "netns", o.netns())
	}
	return []Command{append(append(c, "type", o.Kind), o.words()...)}
}

func (o AddLink) netns() string {
	if o.Node == Host {
		return shellPID
	}
	return o.Node
}

// tunCommands sets afterwards what ip-tuntap(8) has no word for.
func (o AddLink) tunCommands() []Command {
	cmds := []Command{ip(o.Node, "tuntap", "add", "dev", o.Name, "mode", o.Kind)}
	if o.MTU != 0 {
		cmds = append(cmds, SetMTU{Node: o.Node, Name: o.Name, MTU: o.MTU}.Commands()...)
	}
	if o.MAC != "" {
		cmds = append(cmds, SetMAC{Node: o.Node, Name: o.Name, MAC: o.MAC}.Commands()...)
	}
	return cmds
}

// words are the options of the kind in ip-link(8).
func (o AddLink) words() []string {
	w := o.tunnel(o.Kind)
	if o.Kind == VXLAN && o.Lower.Link != "" {
		w = append(w, "dev", o.Lower.Link)
	}
	if o.Mode != "" {
		w = append(w, "mode", o.Mode)
	}
	return slices.Concat(w, o.tableWords(), o.BondOptions.words(o.Kind))
}

// tableWords are the option of a VRF.
func (o LinkOptions) tableWords() []string {
	if o.Table == 0 {
		return nil
	}
	return []string{"table", strconv.Itoa(o.Table)}
}

// tunnel are the options that say where frames of a kind go.
func (o LinkOptions) tunnel(kind string) []string {
	switch kind {
	case VLAN:
		return o.VLANWords()
	case VXLAN, GENEVE:
		return append([]string{"id", strconv.Itoa(o.ID)}, o.TunnelWords()...)
	}
	return o.TunnelWords()
}

// VLANWords are the options of a vlan likewise.
func (o LinkOptions) VLANWords() []string {
	w := []string{"id", strconv.Itoa(o.ID)}
	if o.Service {
		w = append(w, "protocol", ServiceTags)
	}
	return w
}

// The protocols of the tags of a vlan in ip-link(8).
const (
	CustomerTags = "802.1q"
	ServiceTags  = "802.1ad"
)

// TunnelWords are the options of a tunnel but for its identifier and lower device, in the
// words of ip-link(8), which are those of a script.
func (o LinkOptions) TunnelWords() []string {
	var w []string
	switch {
	case !o.Remote.IsValid():
	case o.Remote.IsMulticast():
		w = append(w, "group", o.Remote.String())
	default:
		w = append(w, "remote", o.Remote.String())
	}
	if o.Local.IsValid() {
		w = append(w, "local", o.Local.String())
	}
	for _, n := range []struct {
		word  string
		value int
	}{{"dstport", o.Port}, {"key", o.Key}, {"ttl", o.TTL}} {
		if n.value != 0 {
			w = append(w, n.word, strconv.Itoa(n.value))
		}
	}
	return w
}

// Describe are the options of an interface of that kind in a node, for people:
// "id 42 remote 10.0.0.2 dstport 4789", "on eth0 mode bridge".
func (o LinkOptions) Describe(kind, node string) string {
	w := append(o.tunnel(kind), o.tableWords()...)
	switch {
	case o.Lower.Link == "":
	case o.Lower.Node == node:
		w = append(w, "on", o.Lower.Link)
	default:
		w = append(w, "on", o.Lower.Node+":"+o.Lower.Link)
	}
	if o.Mode != "" {
		w = append(w, "mode", o.Mode)
	}
	return strings.Join(append(w, o.BondWords(kind)...), " ")
}
