package plan

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// Link is an interface as the kernel has it.
type Link struct {
	Node, Name string
	// Index is the kernel's number for it, unique within the node.
	Index int
	// Kind is the kernel's word: "veth", "bridge", …; "" for a device of no kind.
	Kind string
	// Up is the administrative state (IFF_UP).
	Up bool
	// Carrier reports whether frames can pass now (IFF_LOWER_UP).
	Carrier bool
	// MTU is in bytes.
	MTU int
	MAC string
	// Master is the bridge it is a port of, or "".
	Master string
	// VRF is the VRF in the same node that it is a member of, or "".
	VRF string
	// Bond is the bond in the same node that it is a member of, or "". Backup: no frames pass
	// by it now, for another member has them or its own link has failed. OwnMAC is the
	// hardware address that it gets back when it leaves the bond.
	Bond   string
	Backup bool
	OwnMAC string
	// PortState is the state of a bridge's port as bridge(8) names it: "forwarding",
	// "listening", …; "" for what is no port, and where it is not known.
	PortState string
	// Queue is the kind of its root queueing discipline, in the kernel's word:
	// "noqueue", "netem", "htb", …; "" where it is not known. Shape is what netem and
	// tbf do.
	Queue string
	Shape Shape
	// Locked: a port whose frames come in only from hardware addresses that are in the
	// forwarding database for it.
	Locked bool
	// Duplicate are the IPv6 addresses that another node was found to have (dadfailed).
	Duplicate []netip.Addr
	// Addrs are its addresses, IPv6 link-local ones included.
	Addrs []netip.Prefix
	// Special are those of Addrs that have options.
	Special []AddrWith
	// VLANFiltering is a bridge's.
	VLANFiltering bool
	// VLANs are those of a port of a bridge that filters VLANs, or of the bridge itself,
	// sorted by their IDs; nil for others.
	VLANs []PortVLAN
	IfOptions
	// LinkOptions are those of its kind, other than a veth's or a bridge's.
	LinkOptions
	// WG is the configuration of a wireguard.
	WG WG
}

// Upper is its master for the kernel: the bridge that it is a port of, the VRF or bond that it
// is a member of, or "".
func (l Link) Upper() string { return cmp.Or(l.Master, l.VRF, l.Bond) }

// Taker is the bridge or bond in the same node that has its frames, or "".
func (l Link) Taker() string { return cmp.Or(l.Master, l.Bond) }

// Ref is the interface as others name it.
func (l Link) Ref() Ref { return Ref{Node: l.Node, Link: l.Name} }

// HasAddr reports whether an address is one of an interface.
func HasAddr(l Link, a netip.Addr) bool {
	return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == a.WithZone("") })
}

// Ref is an interface of a node.
type Ref struct{ Node, Link string }

// String is the reference as a script writes it.
func (r Ref) String() string { return Place(r.Node, r.Link) }

// Neighbour is an entry of the neighbour table (ip-neighbour(8)).
type Neighbour struct {
	IP  netip.Addr
	Dev string
	// MAC is "" while it is not known.
	MAC string
	// State is the kernel's word: "reachable", "stale", "failed", [Permanent], …; or
	// [Proxy], which has no MAC.
	State string
}

// AddrUse is an address somewhere in the lab.
type AddrUse struct {
	Ref
	Addr netip.Prefix
	// Auto marks an address that nsl chose.
	Auto bool
}

// Ping asks for echo replies (RFC 792, RFC 4443).
type Ping struct {
	// Node is where the request is sent.
	Node string
	To   netip.Addr
	// Dev is the interface to send on; it is needed for IPv6 link-local addresses.
	Dev string
	// Count is the number of requests, at least 1; they are sent a Gap apart.
	Count int
	// Size is the number of payload bytes.
	Size int
	// Gap is the time between requests.
	Gap time.Duration
	// Wait is how long to wait for the last reply.
	Wait time.Duration
	// TTL is the time to live (hop limit) of the requests; 0 is the node's own
	// default.
	TTL int
	// Src is the address to send from, one of the node's own; the zero Addr for the
	// kernel's choice.
	Src netip.Addr
	// TOS is the byte of the type of service (traffic class; RFC 2474, RFC 3168).
	TOS int
	// DF: the requests are not fragmented, neither by routers nor by the node itself
	// (IP_PMTUDISC_PROBE, ip(7)), and what it learned of the path's MTU does not count.
	DF bool
	// Crowd is how many interfaces a broadcast of the node gets to, about; 0 where that
	// is not known.
	Crowd int
	// Again is how long a single request waits before another one is sent, 0 for
	// never: a reply to any of them is the reply, and what is sent again is not
	// counted. The time doubles, up to a second.
	Again time.Duration
}

// PingReply is what came back.
type PingReply struct {
	Sent, Received int
	// RTT is the mean round-trip time of the replies.
	RTT time.Duration
	// Min and Max are the shortest and the longest round trip, and Deviation is their
	// standard deviation, which ping(8) calls mdev.
	Min, Max, Deviation time.Duration
	// Err is the definite refusal that was seen, or the zero value: an ICMP
	// error or a send that the kernel refused.
	Err PingError
	Pacing
}

// Pacing is what an answer owes to others that asked meanwhile.
type Pacing struct {
	// Queued is how long the request waited for its turn.
	Queued time.Duration
	// Full: the neighbour table that all namespaces of the machine share was full
	// while the answer was waited for, so that silence proves nothing.
	Full bool
}
