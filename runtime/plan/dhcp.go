package plan

import (
	"net/netip"
	"time"
)

// LeaseTime is how long an address is lent (RFC 2131). Nothing renews a lease,
// so it is longer than any lab lives.
const LeaseTime = 7 * 24 * time.Hour

// DHCP is a DHCP server on one interface (RFC 2131).
type DHCP struct {
	// Link is the interface that it serves.
	Link string
	// Server is its own address there, with the length of the subnet's prefix.
	Server netip.Prefix
	// First to Last are the addresses that it lends, but for those in Except.
	First, Last netip.Addr
	Except      []netip.Addr
	// Router is the default gateway that clients get; the zero Addr for none.
	Router netip.Addr
	// Resolvers are the name servers that clients get.
	Resolvers []netip.Addr
	// Domain is the domain that clients get, or "".
	Domain string
}

// Pool are the addresses that it may lend, in the order it lends them.
func (s DHCP) Pool() func(yield func(netip.Addr) bool) {
	return func(yield func(netip.Addr) bool) {
		for a := s.First; a.IsValid() && a.Compare(s.Last) <= 0; a = a.Next() {
			if s.lends(a) && !yield(a) {
				return
			}
		}
	}
}

func (s DHCP) lends(a netip.Addr) bool {
	for _, e := range s.Except {
		if a == e {
			return false
		}
	}
	return a != s.Server.Addr() && s.Server.Contains(a)
}

// Lends reports whether an address is one of the pool.
func (s DHCP) Lends(a netip.Addr) bool {
	return a.Compare(s.First) >= 0 && a.Compare(s.Last) <= 0 && s.lends(a)
}
