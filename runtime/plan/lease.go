package plan

import (
	"errors"
	"net/netip"
	"slices"
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

// Unwrap is ErrNoLease.
func (e *LeaseRefused) Unwrap() error { return ErrNoLease }

// Leased is what a DHCP server lent to an interface, with its options.
type Leased struct {
	// Addr is the address and the length of its subnet's prefix.
	Addr   netip.Prefix
	Server netip.Addr
	// Router is the default gateway; the zero Addr for none.
	Router    netip.Addr
	Resolvers []netip.Addr
	Domain    string
}

// Lease asks the DHCP servers on an interface's segment for an address, and
// gives the interface what they lend: the address, and the node the resolver
// and, where it has none, the default route. The server has the last word; Want
// is what it is expected to lend, and asked for.
type Lease struct {
	Node, Link string
	// Want is the zero Leased when it is unknown.
	Want Leased
	// HasDefault reports that the node has a default route already.
	HasDefault bool
	// WasResolver is the node's own before.
	WasResolver Resolver
}

// Release gives back what [Lease] has brought: to the server the address, and
// from the node all that came with it.
type Release Lease

func (Lease) op()   {}
func (Release) op() {}

// Effect is what the server lends, which it decides.
func (o Lease) Effect() Effect {
	e := given("DHCP client of " + Place(o.Node, o.Link))
	e.Unsaid = true
	return e
}

// Effect is the loss of what was lent.
func (o Release) Effect() Effect {
	e := Lease(o).Effect()
	e.Lost = true
	return e
}

// Inverse gives the address back.
func (o Lease) Inverse() []Op { return []Op{Release(o)} }

// Inverse asks for an address again.
func (o Release) Inverse() []Op { return []Op{Lease(o)} }

// Ops are what the lease means for the node.
func (o Lease) Ops(l Leased) []Op {
	if !l.Addr.IsValid() {
		return nil
	}
	ops := []Op{AddAddr{Node: o.Node, Link: o.Link, Addr: l.Addr}}
	if l.Router.IsValid() && !o.HasDefault {
		ops = append(ops, AddRoute{Node: o.Node, Route: Route{Dst: netip.PrefixFrom(netip.IPv4Unspecified(), 0),
			Hops: []NextHop{{Via: l.Router, Dev: o.Link}}}})
	}
	if len(l.Resolvers) > 0 {
		next := Resolver{Servers: l.Resolvers}
		if l.Domain != "" {
			next.Search = []string{l.Domain}
		}
		ops = append(ops, SetResolver{Node: o.Node, Resolver: next, Was: o.WasResolver})
	}
	return ops
}

// Commands are a note of the client, and what the lease that is expected means.
func (o Lease) Commands() []Command {
	note := note("nsl's own DHCP client; much the same: %s", Inside(o.Node, "udhcpc", "-q", "-n", "-i", o.Link))
	return append(note, commandsOf(o.Ops(o.Want))...)
}

// Commands undo what those of Lease did.
func (o Release) Commands() []Command {
	return append(note("the DHCP client of %s ends", Place(o.Node, o.Link)), commandsOf(InverseOf(Lease(o).Ops(o.Want)))...)
}

func commandsOf(ops []Op) []Command {
	var all []Command
	for _, op := range ops {
		all = slices.Concat(all, op.Commands())
	}
	return all
}
