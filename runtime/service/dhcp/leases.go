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
	now func() time.Time
	// of is what a client has, by its identity.
	of map[string]lease
	by map[netip.Addr]string
}

// lease is an address until some time; by is the server or relay that it came from.
type lease struct {
	addr netip.Addr
	ends time.Time
	by   netip.Addr
}

// declined is who holds an address that a client has found in use.
const declined = "\x00declined"

func newLeases(now func() time.Time) *leases {
	return &leases{now: now, of: map[string]lease{}, by: map[netip.Addr]string{}}
}

// offer finds an address of a pool for a client and keeps it for a while: the one that is
// reserved for it, its own, the one it wishes, else the first that is free. The zero Addr
// means that the pool is exhausted.
func (l *leases) offer(pool plan.DHCP, c client, wish netip.Addr) netip.Addr {
	client := c.id
	reserved := l.reserved(pool, c)
	own, ok := l.of[client]
	switch {
	case ok && l.holds(client, own.addr) && (own.addr == reserved || !reserved.IsValid() && pool.Lends(own.addr)):
		return own.addr
	case reserved.IsValid():
		wish = reserved
	case !pool.Lends(wish) || !l.free(wish):
		wish = netip.Addr{}
	}
	if wish.IsValid() {
		l.keep(client, pool, wish, offerTime)
		return wish
	}
	for a := range pool.Pool() {
		if l.free(a) {
			l.keep(client, pool, a, offerTime)
			return a
		}
	}
	return netip.Addr{}
}

// reserved is the address that is kept for a client, unless another host uses it.
func (l *leases) reserved(pool plan.DHCP, c client) netip.Addr {
	if a := pool.Reserved(c.mac); l.holds(c.id, a) || l.free(a) {
		return a
	}
	return netip.Addr{}
}

func (l *leases) holds(client string, a netip.Addr) bool { return l.by[a] == client }

func (l *leases) free(a netip.Addr) bool {
	holder, taken := l.by[a]
	return !taken || !l.now().Before(l.of[holder].ends)
}

func (l *leases) keep(client string, pool plan.DHCP, a netip.Addr, d time.Duration) {
	l.release(client)
	if holder, ok := l.by[a]; ok {
		delete(l.of, holder)
	}
	l.of[client] = lease{a, l.now().Add(d), pool.Server.Addr()}
	l.by[a] = client
}

// take lends a client the address that it asks for, if that is its own or free, and no other
// is reserved for it.
func (l *leases) take(pool plan.DHCP, c client, a netip.Addr) bool {
	reserved := l.reserved(pool, c)
	if reserved.IsValid() && a != reserved || !reserved.IsValid() && !pool.Lends(a) || !l.holds(c.id, a) && !l.free(a) {
		return false
	}
	l.keep(c.id, pool, a, plan.LeaseTime)
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
	l.keep(declined+a.String(), plan.DHCP{}, a, plan.LeaseTime)
}
