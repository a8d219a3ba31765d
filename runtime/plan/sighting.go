package plan

import (
	"context"
	"net/netip"
	"time"
)

// Sighting is a packet as it passed an interface.
type Sighting struct {
	Node string
	// Index is the interface's number.
	Index int
	// Out: the interface sent it; else it came in there.
	Out bool
	// At is the kernel's time, of one clock for all nodes.
	At time.Time
	// Src and Dst have the ports of TCP, 0 for others.
	Src, Dst netip.AddrPort
	// Proto is "icmp" or "tcp".
	Proto string
	// What is "echo request", "echo reply", "SYN", "SYN, ACK", "RST", or an ICMP error
	// in ping(8)'s words.
	What string
	// ID is alike in all sightings of a packet, its answers and the errors about it,
	// whatever NAT does: the payload of an echo, TCP's first sequence number.
	ID uint64
}

// Watcher sees the packets of nodes pass.
type Watcher interface {
	// Watch calls ask, and returns the echoes, the beginnings of TCP connections, and
	// the ICMP errors that passed the interfaces of the nodes meanwhile, those of a
	// node in their order. The error is that of ask, or that nothing could be watched.
	Watch(ctx context.Context, nodes []string, ask func() error) ([]Sighting, error)
	// Drops are the counters of dropped packets of nodes that are not 0, and with them
	// [RouterAdvertisements].
	Drops(nodes []string) ([]DropCount, error)
}

// RouterAdvertisements counts those that a node has received, whether it took them or not.
const RouterAdvertisements = "Icmp6InRouterAdvertisements"

// DropCount is a counter of a node's kernel, by its name in proc(5), such as "TcpExt
// IPReversePathFilter", "Ip6InNoRoutes" or "XfrmInTmplMismatch".
type DropCount struct {
	Node, Counter string
	Times         int
}

// Announcement is an address that a node sends to the neighbours of an interface, with its hardware address.
type Announcement struct {
	Node, Dev string
	IP        netip.Addr
}

// Announcer sends announcements.
type Announcer interface {
	// Announce sends each once. The error says which could not be sent.
	Announce(ctx context.Context, list []Announcement) error
}
