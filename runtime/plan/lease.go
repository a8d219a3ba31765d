package plan

import (
	"errors"
	"net/netip"
)

// ErrNoLease means that no DHCP server answered in time.
var ErrNoLease = errors.New("no DHCP server answers")

// LeaseRefused is what a DHCP server said that lends nothing (DHCPNAK).
type LeaseRefused struct {
	By  netip.Addr
	Why string
}

// Error says who refused, and why.
func (e *LeaseRefused) Error() string { return e.By.String() + " refuses: " + e.Why }

// Leased is what a DHCP server lent to an interface, and told.
type Leased struct {
	// Addr is the address and the length of its subnet's prefix.
	Addr   netip.Prefix
	Server netip.Addr
	// Router is the default gateway; the zero Addr for none.
	Router    netip.Addr
	Resolvers []netip.Addr
	Domain    string
}
