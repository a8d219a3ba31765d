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
	// Addrs are its addresses that others can use, in the order of its interfaces.
	Addrs []netip.Prefix
	// Names are those that it was given beside its own.
	Names []string
}

// Best is the address of a family under which one node asks for another: one on
// a subnet that they share, else the first.
func Best(theirs, ours []netip.Prefix, six bool) (netip.Addr, bool) {
	var first netip.Addr
	for _, t := range theirs {
		if t.Addr().Is6() != six {
			continue
		}
		if !first.IsValid() {
			first = t.Addr()
		}
		shares := func(o netip.Prefix) bool { return o.Contains(t.Addr()) && t.Contains(o.Addr()) }
		if slices.ContainsFunc(ours, shares) {
			return t.Addr(), true
		}
	}
	return first, first.IsValid()
}

// HostLine is a line of hosts(5).
type HostLine struct {
	Addr  netip.Addr
	Names []string
}

// Hosts are the lines of a node's /etc/hosts: localhost, the node itself, and all
// other nodes by the addresses it asks for them under, IPv4 before IPv6.
func Hosts(node string, all []NodeAddrs) []HostLine {
	lines := []HostLine{
		{netip.AddrFrom4([4]byte{127, 0, 0, 1}), []string{"localhost"}},
		{netip.IPv6Loopback(), []string{"localhost", "ip6-localhost", "ip6-loopback"}},
	}
	var ours []netip.Prefix
	for _, n := range all {
		if n.Node == node {
			ours = n.Addrs
		}
	}
	for _, n := range all {
		names := append([]string{n.Node}, n.Names...)
		found := false
		for _, six := range []bool{false, true} {
			if a, ok := Best(n.Addrs, ours, six); ok {
				lines, found = append(lines, HostLine{a, names}), true
			}
		}
		if !found && n.Node == node {
			lines = append(lines, HostLine{lines[0].Addr, names})
		}
	}
	return lines
}

// HostsFile is the text of a hosts(5) file.
func HostsFile(lines []HostLine) string {
	var b strings.Builder
	for _, l := range lines {
		// A program may have made a node whose name would be several words, or lines.
		names := slices.DeleteFunc(slices.Clone(l.Names), func(n string) bool { return strings.ContainsFunc(n, unicode.IsSpace) || strings.Contains(n, "#") })
		if len(names) > 0 {
			b.WriteString(l.Addr.String() + "\t" + strings.Join(names, " ") + "\n")
		}
	}
	return b.String()
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
	if len(r.Search) > 0 {
		b.WriteString("search " + strings.Join(r.Search, " ") + "\n")
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
