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
	// Hosts are the addresses that certain clients get, and no others.
	Hosts []Reservation
	// Relayed are the subnets that relays speak for (RFC 2131, giaddr).
	Relayed []LentSubnet
}

// Reservation is an address that is lent to one hardware address only. It need not be one
// of the pool.
type Reservation struct {
	MAC  string
	Addr netip.Addr
}

// LentSubnet is a subnet on which a relay is, and the addresses that are lent there, but for
// those in Except.
type LentSubnet struct {
	Net         netip.Prefix
	First, Last netip.Addr
	Except      []netip.Addr
}

// For is the server as clients see it whose messages a relay with an address passes on, or,
// with the zero Addr, no relay: they have the relay as their router. It is not ok where none of
// its subnets has the relay.
func (s DHCP) For(relay netip.Addr) (DHCP, bool) {
	if !relay.IsValid() {
		return s, true
	}
	for _, n := range s.Relayed {
		if n.Net.Contains(relay) {
			s.Server, s.Router = netip.PrefixFrom(relay, n.Net.Bits()), relay
			s.First, s.Last, s.Except, s.Relayed = n.First, n.Last, n.Except, nil
			return s, true
		}
	}
	return s, s.Server.Contains(relay)
}

// Reserved is the address of a hardware address in the subnet, or the zero Addr.
func (s DHCP) Reserved(mac string) netip.Addr {
	for _, h := range s.Hosts {
		if h.MAC == mac && s.Server.Contains(h.Addr) {
			return h.Addr
		}
	}
	return netip.Addr{}
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
	for _, h := range s.Hosts {
		if a == h.Addr {
			return false
		}
	}
	return a != s.Server.Addr() && s.Server.Contains(a)
}

// Lends reports whether an address is one of the pool.
func (s DHCP) Lends(a netip.Addr) bool {
	return a.Compare(s.First) >= 0 && a.Compare(s.Last) <= 0 && s.lends(a)
}
