package plan

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// NodeAddrs is what others may know of a node.
type NodeAddrs struct {
	Node string
	// Addrs are its addresses that others can use, in the order of its interfaces, whose
	// names may be left out.
	Addrs []AddrUse
	// Names are those that it was given beside its own.
	Names []string
}

// of are the addresses of a family.
func (n NodeAddrs) of(six bool) []AddrUse {
	return slices.DeleteFunc(slices.Clone(n.Addrs), func(u AddrUse) bool { return u.Addr.Addr().Is6() != six })
}

// SameSubnet reports whether two addresses are on a subnet that both have.
func SameSubnet(a, b netip.Prefix) bool { return a.Contains(b.Addr()) && b.Contains(a.Addr()) }

// Closest is the address of theirs that is on a subnet and segment of ours. Without
// one it is their first, of which there must be one, but rather not one in a subnet
// that we have on another segment: packets to that would not leave it. MayShare reports
// whether the interfaces of two addresses may be on one segment.
func Closest(ours, theirs []AddrUse, mayShare func(a, b AddrUse) bool) AddrUse {
	if len(theirs) == 1 {
		return theirs[0]
	}
	astray := func(t AddrUse) bool {
		return slices.ContainsFunc(ours, func(o AddrUse) bool { return o.Addr.Contains(t.Addr.Addr()) })
	}
	for _, t := range theirs {
		if slices.ContainsFunc(ours, func(o AddrUse) bool { return SameSubnet(o.Addr, t.Addr) && mayShare(o, t) }) {
			return t
		}
	}
	return theirs[max(0, slices.IndexFunc(theirs, func(t AddrUse) bool { return !astray(t) }))]
}

// HostLine is a line of hosts(5).
type HostLine struct {
	Addr  netip.Addr
	Names []string
}

// Hosts are the lines of a node's /etc/hosts: localhost, the node itself, and all
// other nodes by the addresses it asks for them under (see [Closest]), IPv4 before IPv6.
// What would be an address of the node itself is left out.
func Hosts(node string, all []NodeAddrs, mayShare func(a, b AddrUse) bool) []HostLine {
	lines := []HostLine{
		{netip.AddrFrom4([4]byte{127, 0, 0, 1}), []string{"localhost"}},
		{netip.IPv6Loopback(), []string{"localhost", "ip6-localhost", "ip6-loopback"}},
	}
	var self NodeAddrs
	for _, n := range all {
		if n.Node == node {
			self = n
		}
	}
	for _, n := range all {
		names := append([]string{n.Node}, n.Names...)
		addrs := asked(self, n, mayShare)
		if n.Node == node && len(addrs) == 0 {
			addrs = append(addrs, lines[0].Addr)
		}
		for _, a := range addrs {
			lines = append(lines, HostLine{a, names})
		}
	}
	return lines
}

// asked are the addresses under which a node asks for another, at most one of each family.
func asked(self, other NodeAddrs, mayShare func(a, b AddrUse) bool) (addrs []netip.Addr) {
	for _, six := range []bool{false, true} {
		ours, theirs := self.of(six), other.of(six)
		if len(theirs) == 0 {
			continue
		}
		a := Closest(ours, theirs, mayShare).Addr.Addr()
		if self.Node == other.Node || !slices.ContainsFunc(ours, func(o AddrUse) bool { return o.Addr.Addr() == a }) {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

// HostsFile is the text of a hosts(5) file.
func HostsFile(lines []HostLine) string {
	var b strings.Builder
	for _, l := range lines {
		names := words(l.Names)
		if len(names) > 0 {
			b.WriteString(l.Addr.String() + "\t" + strings.Join(names, " ") + "\n")
		}
	}
	return b.String()
}

// words are the names that are one word of such a file: a program may have made a node, or
// a server sent a domain, that would be several words, or lines.
func words(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return n == "" || strings.ContainsFunc(n, unicode.IsSpace) || strings.Contains(n, "#")
	})
}

// LookUp are the addresses that the lines have for a name, in their order.
// Letters count the same, capital or small (RFC 4343).
func LookUp(lines []HostLine, name string) []netip.Addr {
	name = strings.TrimSuffix(name, ".")
	var list []netip.Addr
	for _, l := range lines {
		if slices.ContainsFunc(l.Names, func(n string) bool { return strings.EqualFold(n, name) }) {
			list = append(list, l.Addr)
		}
	}
	return list
}

// Resolver is what a node's /etc/resolv.conf says (resolv.conf(5)).
type Resolver struct {
	Servers []netip.Addr
	// Search are the domains that short names are completed with.
	Search []string
}

// IsZero reports whether it says nothing: a node then asks those that the host asks.
func (r Resolver) IsZero() bool { return len(r.Servers) == 0 && len(r.Search) == 0 }

// File is the text of the resolv.conf(5) file.
func (r Resolver) File() string {
	if len(r.Servers) == 0 && len(r.Search) == 0 {
		return "# no name server: names are looked up in /etc/hosts only\n"
	}
	var b strings.Builder
	for _, s := range r.Servers {
		b.WriteString("nameserver " + s.String() + "\n")
	}
	if search := words(r.Search); len(search) > 0 {
		b.WriteString("search " + strings.Join(search, " ") + "\n")
	}
	return b.String()
}

// AddName gives a node one more name, which every node's /etc/hosts has from
// then on. A name that the node has fails with EEXIST.
type AddName struct{ Node, Name string }

// DelName takes a name away from a node; ESRCH when it has none such.
type DelName struct{ Node, Name string }

// SetResolver writes a node's /etc/resolv.conf.
type SetResolver struct {
	Node string
	Resolver
	Was Resolver
}

func (AddName) op()     {}
func (DelName) op()     {}
func (SetResolver) op() {}

// Effect is the name.
func (o AddName) Effect() Effect { return given("name " + o.Name + " of " + o.Node) }

// Effect is the loss of the name.
func (o DelName) Effect() Effect { return lost("name " + o.Name + " of " + o.Node) }

// Effect is the resolver.
func (o SetResolver) Effect() Effect { return given("resolver of " + o.Node) }

// Inverse takes the name away.
func (o AddName) Inverse() []Op { return []Op{DelName(o)} }

// Inverse gives the name back.
func (o DelName) Inverse() []Op { return []Op{AddName(o)} }

// Inverse writes what was there before.
func (o SetResolver) Inverse() []Op {
	return []Op{SetResolver{Node: o.Node, Resolver: o.Was, Was: o.Resolver}}
}

// Commands is a comment: what ip netns exec shows as /etc/hosts is a file of root's.
func (o AddName) Commands() []Command {
	return note("each /etc/netns/NODE/hosts gets a line: ADDRESS-OF-%s %s", o.Node, o.Name)
}

// Commands is a comment.
func (o DelName) Commands() []Command {
	return note("each /etc/netns/NODE/hosts loses the name %s of %s", o.Name, o.Node)
}

// Commands is a comment: what ip netns exec shows as /etc/resolv.conf is a file
// of root's.
func (o SetResolver) Commands() []Command {
	file := "/etc/netns/" + o.Node + "/resolv.conf"
	if o.Node == Host {
		file = "/etc/resolv.conf"
	}
	return note("printf %s > %s", Quote(strings.ReplaceAll(o.File(), "\n", `\n`)), file)
}
