// Package dhcp is the DHCP of a lab, IPv4 (RFC 2131): a server that lends
// addresses, and a client that asks for one. It opens no socket itself: they
// are handed in, opened inside a namespace.
package dhcp

import (
	"net/netip"
	"time"

	"nsl/runtime/plan"
)

// offerTime is how long an address that was offered is kept for its client.
const offerTime = 30 * time.Second

// leases are the addresses that a server has lent, offered or given up.
type leases struct {
	pool plan.DHCP
	now  func() time.Time
	// of is what a client has, by its identity.
	of map[string]lease
	by map[netip.Addr]string
}

type lease struct {
	addr netip.Addr
	ends time.Time
}

// declined is who holds an address that a client has found in use.
const declined = "\x00declined"

func newLeases(pool plan.DHCP, now func() time.Time) *leases {
	return &leases{pool: pool, now: now, of: map[string]lease{}, by: map[netip.Addr]string{}}
}

// offer finds an address for a client and keeps it for a while: its own, else
// the one it wishes, else the first that is free. The zero Addr means that the
// pool is exhausted.
func (l *leases) offer(client string, wish netip.Addr) netip.Addr {
	if own, ok := l.of[client]; ok && l.holds(client, own.addr) {
		return own.addr
	}
	if l.pool.Lends(wish) && l.free(wish) {
		l.keep(client, wish, offerTime)
		return wish
	}
	for a := range l.pool.Pool() {
		if l.free(a) {
			l.keep(client, a, offerTime)
			return a
		}
	}
	return netip.Addr{}
}

func (l *leases) holds(client string, a netip.Addr) bool { return l.by[a] == client }

func (l *leases) free(a netip.Addr) bool {
	holder, taken := l.by[a]
	return !taken || !l.now().Before(l.of[holder].ends)
}

func (l *leases) keep(client string, a netip.Addr, d time.Duration) {
	l.release(client)
	if holder, ok := l.by[a]; ok {
		delete(l.of, holder)
	}
	l.of[client] = lease{a, l.now().Add(d)}
	l.by[a] = client
}

// take lends a client the address that it asks for, if that is its own or free.
func (l *leases) take(client string, a netip.Addr) bool {
	if !l.pool.Lends(a) || !l.holds(client, a) && !l.free(a) {
		return false
	}
	l.keep(client, a, plan.LeaseTime)
	return true
}

// release gives an address back.
func (l *leases) release(client string) {
	if own, ok := l.of[client]; ok {
		delete(l.of, client)
		delete(l.by, own.addr)
	}
}

// decline keeps an address away from all clients: another host uses it.
func (l *leases) decline(client string, a netip.Addr) {
	l.release(client)
	if l.pool.Lends(a) {
		who := declined + a.String()
		l.keep(who, a, plan.LeaseTime)
	}
}
