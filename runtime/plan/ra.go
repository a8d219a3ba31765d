package plan

import (
	"net/netip"
	"strings"
	"time"
)

// RA sends router advertisements on one interface (RFC 4861, RFC 8106): hosts there make
// themselves addresses (SLAAC, RFC 4862) and have the node as their default router.
type RA struct {
	// Link is the interface that it is sent on.
	Link string
	// Prefixes are those of which hosts make addresses, of 64 bits.
	Prefixes []netip.Prefix
	// Lifetime is how long the node is a default router, in whole seconds; 0 for none.
	Lifetime time.Duration
	// Valid and Preferred are the lifetimes of the addresses, in whole seconds.
	Valid, Preferred time.Duration
	// RDNSS are the name servers.
	RDNSS []netip.Addr
	// Undo is for an end that undoes a beginning: hosts lose what they have had from it
	// since; and for a beginning that undoes an end, of which nothing is remembered anew.
	Undo bool
}

// What RFC 4861, section 6.2.1, has where nothing is said.
const (
	RALifetime  = 30 * time.Minute
	RAValid     = 30 * 24 * time.Hour
	RAPreferred = 7 * 24 * time.Hour
)

func (RA) service() {}

// Kind is ra.
func (s RA) Kind() string { return "ra" }

// String says what is advertised.
func (s RA) String() string {
	list := make([]string, len(s.Prefixes))
	for i, p := range s.Prefixes {
		list[i] = p.String()
	}
	return "router advertisements of " + strings.Join(list, " ") + " on " + s.Link
}

// Listens is empty: it is no port that router solicitations come to.
func (s RA) Listens() []Listen { return nil }

func (s RA) begin(o Start) []Command {
	words := []string{"dnsmasq", "--port=0", "--interface=" + s.Link, "--enable-ra"}
	for _, p := range s.Prefixes {
		words = append(words, "--dhcp-range="+p.Addr().String()+",ra-only")
	}
	return note("nsl's own router advertisements; much the same: %s", Inside(o.Node, words...))
}

func (s RA) end(o Stop) []Command { return note("the router advertisements of %s end", o.Node) }

// From reports whether a host made an address of a prefix that is advertised.
func (s RA) From(w AddrWith) bool {
	if !w.SLAAC {
		return false
	}
	for _, p := range s.Prefixes {
		if p.Bits() == w.Addr.Bits() && p.Contains(w.Addr.Addr()) {
			return true
		}
	}
	return false
}
