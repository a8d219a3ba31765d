package plan

import (
	"context"
	"net/netip"
	"time"
)

// Resolve asks all who are on the segment of an interface for the hardware address of
// an address (RFC 826; RFC 4861, section 7.2.2).
type Resolve struct {
	Node, Dev string
	IP        netip.Addr
	// Src is an address of the interface, of the same family, or the zero Addr for an ARP
	// probe, which gives none (RFC 5227, section 2.1.1).
	Src netip.Addr
	// Wait is how long answers are waited for.
	Wait time.Duration
}

// AddressResolver asks for hardware addresses.
type AddressResolver interface {
	// Resolve asks each, all at once, whatever the neighbour tables have. For each there
	// are the hardware addresses that answered within its Wait, in the order in which they
	// first did.
	Resolve(ctx context.Context, list []Resolve) ([][]string, error)
}
